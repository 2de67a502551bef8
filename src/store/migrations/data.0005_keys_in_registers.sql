-- Service keys are sealed documents of the registers from here on: who can write the database cannot
-- make one. Keys made before do not carry over: make them anew.
DROP TABLE service_keys;
