/**
 * Words that make common passwords in Spain and that international lists lack or rank low: the words for password,
 * the names of this service and of administrations, places, clubs, seasons, endearments. In lower case; accents do
 * not matter. Ours: a word belongs here if a guesser would try it within the first thousand.
 */
export const commonInSpain: readonly string[] = `
  contraseña contraseñas micontraseña nuevacontraseña contraseñanueva contraseñasegura contrasenya contrasinal pasahitza
  clave claves miclave claveclave nuevaclave clavenueva clavesegura clavesecreta clavepermanente clavefirma clavepin
  clavemóvil secreto secreta acceso accesos entrar entrada usuario usuaria administrador administradora invitado
  temporal provisional cambiar cámbiame cambiarclave prueba pruebas hola holahola holamundo buenosdías
  hacienda agencia agenciatributaria tributaria seguridadsocial gobierno ministerio ayuntamiento administración
  ciudadano ciudadana certificado renta larenta pensión jubilación funcionario oposición policía guardiacivil
  españa españaespaña vivaespaña arribaespaña español española españoles castilla andalucía andaluz aragón asturias
  baleares canarias cantabria catalunya cataluña extremadura euskadi euskalherria galicia galiza larioja murcia
  navarra nafarroa valencia paísvasco
  madrid barcelona sevilla zaragoza málaga palma bilbao bilbo alicante córdoba valladolid vigo gijón lacoruña acoruña
  coruña vitoria gasteiz granada elche oviedo cartagena terrassa jerez móstoles almería santander donostia burgos
  albacete castellón logroño badajoz salamanca huelva lleida tarragona girona león cádiz jaén ourense lugo pontevedra
  compostela santiago toledo segovia ávila cuenca soria teruel huesca zamora palencia cáceres mérida pamplona iruña
  ceuta melilla tenerife laspalmas mallorca menorca ibiza eivissa lanzarote fuerteventura
  realmadrid halamadrid madridista realmadridcf barça forçabarça viscabarça fcbarcelona barcelonista atlético
  atléticomadrid atleti aúpaatleti colchonero athletic athleticbilbao realsociedad betis realbetis vivaelbetis
  sevillafc sevillista valenciacf amuntvalencia villarreal osasuna celta celtavigo deportivo depor sporting espanyol
  levante getafe rayo rayovallecano realzaragoza oviedista campeón campeones fútbol baloncesto
  teamo teamomucho tequiero tequieromucho tequieromuchísimo amor amormío miamor amorcito corazón micorazón cariño
  cielo cielito mivida vidamía princesa princesita bonita guapa guapo preciosa reina bombón estrella estrellita
  mariposa familia mifamilia mamá mimamá mamaypapa papá abuela abuelo hermana hermano hijos mishijos siempre
  parasiempre felicidad amistad amigos amigas libertad esperanza suerte
  enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre primavera verano otoño
  invierno lunes martes miércoles jueves viernes sábado domingo navidad feliznavidad semanasanta vacaciones
  virgen virgencita diosesamor jesucristo jesús cristo dioses
  antonio manuel josé francisco javier david juan joséantonio juanjosé josemaría josemanuel luis joséluis
  juancarlos miguelángel alejandro sergio rafael alberto álvaro adrián diego rubén iván raúl pablo óscar enrique
  ramón andrés vicente joaquín santi jordi unai iker aitor marc
  maría maríacarmen marícarmen carmen ana anamaría isabel laura cristina marta dolores lucía pilar maripili lola elena
  raquel sara paula rosa rocío beatriz silvia mercedes nuria patricia mónica sonia inés alba irene claudia sofía
  martina valeria julia noelia nerea ainhoa aitana montserrat montse
  asdfgh asdfghjk asdfghjkl asdfghjklñ qwerty qwertyuiop zxcvbnm qwerasdf qazwsx qazwsxedc
`
  .trim()
  .split(/\s+/);
