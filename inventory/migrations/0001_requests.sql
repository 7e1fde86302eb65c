CREATE TABLE "requests" (
	"seal" text PRIMARY KEY NOT NULL,
	"run_id" text NOT NULL,
	"taken_at" timestamp with time zone DEFAULT now() NOT NULL
);
