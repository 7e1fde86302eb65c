/** `npx drizzle-kit generate` writes the next migration from inventory/schema.ts. */
import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './inventory/schema.ts',
  out: './inventory/migrations',
});
