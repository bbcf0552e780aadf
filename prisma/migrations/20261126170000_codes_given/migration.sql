-- Which activation code the office gave last: what a workflow restored from a backup is compared with. Unknown (null) of
-- citizens whose last one was given before this.
ALTER TABLE "Citizen" ADD COLUMN "codeId" UUID;
