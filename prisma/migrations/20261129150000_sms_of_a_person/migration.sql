-- Who registers online declares any phone: the SMS of such a journey count against the person too.
ALTER TABLE "Text" ADD COLUMN "personAllowance" TEXT;
