CREATE TABLE "claims" (
	"migration_id" text PRIMARY KEY NOT NULL,
	"vm" text NOT NULL,
	"host" text NOT NULL,
	"memory_bytes" bigint NOT NULL,
	"vcpus" integer NOT NULL,
	"disk_bytes" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "claims_vm_unique" UNIQUE("vm")
);
--> statement-breakpoint
CREATE TABLE "hosts" (
	"name" text PRIMARY KEY NOT NULL,
	"doc" jsonb NOT NULL,
	"facts" jsonb,
	"seen_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "security_groups" (
	"name" text PRIMARY KEY NOT NULL,
	"doc" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vms" (
	"uuid" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"host" text NOT NULL,
	"memory_bytes" bigint NOT NULL,
	"vcpus" integer NOT NULL,
	"doc" jsonb NOT NULL,
	"xml" text NOT NULL,
	"seen_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "claims" ADD CONSTRAINT "claims_host_hosts_name_fk" FOREIGN KEY ("host") REFERENCES "public"."hosts"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vms" ADD CONSTRAINT "vms_host_hosts_name_fk" FOREIGN KEY ("host") REFERENCES "public"."hosts"("name") ON DELETE no action ON UPDATE no action;