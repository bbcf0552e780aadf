-- A place that a failure has used is given back by nobody. What is there already, or comes from the release before, is
-- taken for one: that release gives back by removing the row, whatever this says.
ALTER TABLE "FailedId" ADD COLUMN "failed" BOOLEAN NOT NULL DEFAULT true;
