-- A session names the credential that it rests on: what kind it is, and the id of its row. Until now each rested on a password.
ALTER TABLE "Session" RENAME COLUMN "passwordId" TO "credentialId";
ALTER TABLE "Session" ADD COLUMN "basis" TEXT NOT NULL DEFAULT 'password';
ALTER TABLE "Session" ALTER COLUMN "basis" DROP DEFAULT;
