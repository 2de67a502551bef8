-- Whether the person's identifiers are remembered so that nobody takes them in again unawares: also
-- when the erasure is finished after a crash.
ALTER TABLE erasure_intents ADD COLUMN suppress INTEGER NOT NULL DEFAULT 1;
