import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { containsId, containsName } from './password-owner.ts';

const owner = (givenName: string, firstSurname = 'Qqqqq', secondSurname?: string) => ({
  givenName,
  firstSurname,
  secondSurname,
  nationalId: '12345678Z',
});

describe('the given name', () => {
  test.each([
    ['without regard to case', 'Ana', 'xxANAxx'],
    ['without regard to accents', 'Íñigo', 'xxinigo1'],
    ['accented in the password only', 'Angel', 'ÁNGEL.99'],
    ['by any of its parts', 'María del Carmen', 'carmen.77'],
    ['by a part of three letters', 'María del Mar', 'Palomar22!'],
    ['joined by a hyphen', 'Ana-Belén', 'belen.77'],
    ['with its dotted l·l', 'Gal·la', 'galla.77'],
    ['with its dotted l·l in the password too', 'Gal·la', 'soy gal·la y punto'],
    ['two short parts together', 'Li Na', 'marcelina'],
    ['with ß as ss', 'Weiß', 'WEISS.77'],
    ['without its stroke', 'Łukasz', 'Lukasz.99'],
    ['with a stroke in the password only', 'Lukasz', 'una frase de łukasz'],
    ['in Greek, whichever sigma', 'Ιάσονας', 'ΙΑΣΟΝΑΣ.77'],
  ])('is found %s', (_, name, password) => {
    expect(containsName(password, owner(name))).toBe(true);
  });

  test.each([
    ['its particles', 'María del Mar', 'Modelos.77'],
    ['a part of two letters', 'Mª José', 'Amarilla7.'],
    ['a whole of two letters', 'Jo', 'Major.777'],
    ['half of it', 'Francisco', 'Franci.77'],
    ['half of a dotted word', 'Gal·la', 'gala.7777'],
  ])('is not found by %s', (_, name, password) => {
    expect(containsName(password, owner(name))).toBe(false);
  });
});

describe('a surname', () => {
  test.each([
    ['of two letters', 'Li', 'Solida.77'],
    ['of one letter', 'O', 'Rosas.77'],
    ['whole', 'García Lorca', 'garcialorca1'],
    ['without its stroke', 'Łuczak', 'Luczak.99'],
    ['without another stroke', 'Søndergård', 'Sondergard1.'],
    ['with its ligature undone', 'Cœur', 'Coeur.9999'],
    ['with its letter written as two', 'Þór', 'Thor.9999'],
    ['with a space', 'García Lorca', 'GARCIA LORCA 1936 Fuente'],
    ['joined by signs', 'García Lorca', 'Garcia.-Lorca'],
    ['by its first part', 'García Lorca', 'garcia.77'],
    ['by its second part', 'García Lorca', 'Lorca.777'],
    ['without its particles', 'de la Fe', 'Cafes.777'],
    ['with its particles between', 'Ro de la Fu', 'rodelafu.7'],
    ['without the particles between', 'Ro de la Fu', 'rofu.7777'],
    ['around a Catalan i', 'Puig i Cadafalch', 'puigcadafalch'],
    ['around a Castilian y', 'Ramón y Cajal', 'cajal.777'],
    ['with its apostrophe', "D'Ors", "d'ors 7777"],
    ['without its apostrophe', 'D’Ors', 'dors.7777'],
    ['made of a particle only', 'La', 'Malaga.77'],
  ])('is found %s', (_, surname, password) => {
    expect(containsName(password, owner('Xxxxx', surname))).toBe(true);
    expect(containsName(password, owner('Xxxxx', 'Qqqqq', surname))).toBe(true);
  });

  test.each([
    ['its particles', 'de la Torre', 'Dela.7777'],
    ['a short part of a compound', 'Ro de la Fu', 'Rotas.777'],
    ['its parts the other way round', 'Li Xu', 'xuli.7777'],
    ['parts with letters between', 'Li Xu', 'lipxu.777'],
  ])('is not found by %s', (_, surname, password) => {
    expect(containsName(password, owner('Xxxxx', surname))).toBe(false);
  });

  test.each([undefined, null, ''])('that is %j is no matter', (second) => {
    const withoutSecond = { ...owner('Ana', 'Ruiz'), secondSurname: second };
    expect(containsName('Tr3b0l.x', withoutSecond)).toBe(false);
    expect(containsName('Ruiz.777', withoutSecond)).toBe(true);
  });

  test('is found wherever it stands and however it is written', () => {
    const filler = fc.string({ unit: fc.constantFrom(...'xX0.- '), maxLength: 8 });
    const writing = fc.constantFrom('Muñoz', 'MUÑOZ', 'munoz', 'MuNoz', 'Mun\u0303oz', 'muñóz');
    fc.assert(
      fc.property(filler, writing, filler, (before, name, after) => {
        expect(containsName(before + name + after, owner('Xxxxx', 'Muñoz'))).toBe(true);
        expect(containsName(before + after, owner('Xxxxx', 'Muñoz'))).toBe(/xxxxx/i.test(before + after));
      }),
    );
  });
});

describe('the national id', () => {
  test.each([
    ['a DNI', '12345678Z', 'xx12345678Zxx'],
    ['a DNI in lower case', '12345678Z', '12345678z.A'],
    ['a DNI without its letter', '12345678Z', 'Aa.12345678'],
    ['a DNI as people write it', '12345678Z', 'mi DNI es 12.345.678-Z'],
    ['a DNI without its leading zero', '01234567L', 'Aa.1234567'],
    ['a short DNI without its zeros', '00012345V', 'Aa.12345'],
    ['a NIE', 'X2482300W', 'x2482300w.A'],
    ['a NIE without its last letter', 'X2482300W', 'aX2482300.'],
    ['a NIE without either letter', 'X2482300W', 'Aa.2482300'],
    ['an M number', 'M1234567L', 'Aa.1234567'],
  ])('%s is found', (_, nationalId, password) => {
    expect(containsId(password, { nationalId })).toBe(true);
  });

  test.each([
    ['a part of it', '12345678Z', 'Aa.1234567'],
    ['its digits the other way round', '12345678Z', 'Aa.87654321'],
    ['a very low number', '00000015S', 'Aa.15151515'],
    ['a low NIE, whose zeros are never left out', 'X0001234Q', 'Aa.1234567'],
    ['its digits with letters between', '12345678Z', '1a2345678'],
  ])('%s is not', (_, nationalId, password) => {
    expect(containsId(password, { nationalId })).toBe(false);
  });
});
