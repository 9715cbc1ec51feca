/**
 * `make deploy` as run for a project: uploads go to a stand-in of the Management API, all else to the local stack. Neither
 * its output nor an argument of any process may contain a secret.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type connect from "postgres";
import { deno } from "../../local/tools/binaries.ts";
import { query } from "../../local/stack/database.ts";
import { signToken } from "../../local/stack/keys.ts";
import { logNothing } from "../../local/stack/log.ts";
import { startStack } from "../../local/stack/stack.ts";
import { watchArguments } from "./arguments.ts";
import { CLI_VERSION, supabase } from "../../local/tools/supabase-cli.ts";
import { ROOT } from "../../local/tools/paths.ts";
import { cloneOfTheProject, copyFolder, names, pathWithout, temporaryFolder, writeProfile } from "./checkout.ts";
import { ManagementApi } from "./management_api.ts";

const ref = "abcdefghijklmnopqrst";
const accessToken = `sbp_${"0123456789".repeat(4)}`;
const password = "p@ss/word:of the database";

type Env = Record<string, string>;
interface Said {
  code: number;
  text: string;
}

Deno.test("make deploy", async (t) => {
  await using folder = await temporaryFolder();
  await using api = new ManagementApi(`${folder.path}/uploads`);
  await Deno.mkdir(`${folder.path}/none`);
  await using stack = await startStack({
    scheduler: true,
    migrationsDir: `${folder.path}/none`,
    statementTimeout: "10min",
    log: logNothing,
  });
  const database = new URL(stack.databaseUrl);
  api.pooler = { db_host: database.hostname, db_port: Number(database.port), db_user: "postgres", db_name: "postgres" };
  database.password = encodeURIComponent(password);
  const profile = `${folder.path}/profile.yaml`;
  await writeProfile(profile, api);

  const legacyKey = await signToken(stack.jwtSecret, { role: "service_role" });
  const strangeKey = `sb_secret_${"x".repeat(24)}`;
  const secrets = [accessToken, password, encodeURIComponent(password), database.password, stack.secretKey];
  secrets.push(legacyKey, strangeKey, stack.publishableKey);

  const known: Env = {
    SUPABASE_ACCESS_TOKEN: accessToken,
    SUPABASE_PROFILE: profile,
    SUPABASE_URL: stack.url,
    DEPLOY_TO_LOOPBACK: "1",
    // Only keeps a failing test from running forever.
    SMOKE_TEST_SECS: "900",
  };
  const byUrl: Env = { ...known, PROJECT_REF: ref, DATABASE_URL: database.href };
  const asOwner = <T>(work: (sql: connect.Sql) => Promise<T>) => query(stack.databaseUrl, work);
  const asAdmin = (text: string) => query(stack.adminDatabaseUrl, (sql) => sql.unsafe(text));

  async function run(program: string, args: string[], env: Env, cwd = ROOT): Promise<Said> {
    const clean = Object.fromEntries(
      ["PATH", "HOME", "XDG_CACHE_HOME", "NODE_EXTRA_CA_CERTS"].map((name) => [name, Deno.env.get(name) ?? ""]),
    );
    const process = new Deno.Command(program, {
      args,
      cwd,
      clearEnv: true,
      env: { ...clean, DENO_TLS_CA_STORE: "system,mozilla", NO_COLOR: "1", ...env },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const watched = watchArguments(secrets);
    const output = await process.output();
    deepEqual(await watched.found(), []);
    const text = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    for (const secret of secrets) ok(!text.includes(secret), "a secret was printed");
    return { code: output.code, text };
  }
  const make = (env: Env, cwd = ROOT) => run("make", ["deploy", `PROJECT_REF=${ref}`], { ...known, ...env }, cwd);
  const deploy = (env: Env, from = ROOT) => {
    const script = ["run", "-A", "--config", "local/deno.json", "local/deploy/deploy.ts", from];
    return run(deno("current"), script, env);
  };

  await t.step("deploys to an empty project, from a new clone, without Python", async () => {
    await asAdmin("delete from vault.secrets");
    const clone = await cloneOfTheProject(`${folder.path}/un clon de niño 100% #1`);
    const env = { SUPABASE_DB_PASSWORD: password, SUPABASE_SECRET_KEY: stack.secretKey };
    const { code, text } = await make({ ...env, PATH: await pathWithout("python3", folder.path) }, clone);
    deepEqual(names(`${clone}/local`).includes("node_modules"), false);
    equal(code, 0, text);
    match(text, /migrations +\d+ applied/);
    match(text, /queues_project_url stored, queues_secret_key stored/);
    match(text, /jobs +.*dispatch-queues \(10 seconds\)/);
    match(text, /smoke test +settled and archived/);
    // How to publish the console.
    match(text, /config\.json +\{"url": "http[^"]+", "key": "<the publishable key/);
    match(text, /Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';/);
    deepEqual(
      api.uploads.map(({ slug }) => slug).toSorted(),
      names(`${ROOT}/supabase/functions`).filter((name) => !name.startsWith("_")),
    );
    await asOwner(async (sql) => {
      const rows = await sql`select name, decrypted_secret from vault.decrypted_secrets order by name`;
      deepEqual(rows.map(({ name, decrypted_secret }) => [name, decrypted_secret]), [
        ["queues_project_url", stack.url],
        ["queues_secret_key", stack.secretKey],
        ["queues_unsubscribe_key", rows.at(-1)!.decrypted_secret],
      ]);
      // Created by a migration.
      match(rows.at(-1)!.decrypted_secret, /^[0-9a-f]{64}$/);
      equal((await sql`select from analytics_events where event_type = 'smoke_test'`).count, 1);
    });
  });

  await t.step("changes nothing the second time and needs no key", async () => {
    await speedUp(asOwner);
    const before = await asOwner(fingerprint);
    const { code, text } = await make({ DATABASE_URL: database.href });
    equal(code, 0, text);
    match(text, /migrations +up to date/);
    match(text, /queues_project_url kept, queues_secret_key kept/);
    match(text, /smoke test +settled and archived/);
    deepEqual(await asOwner(fingerprint), before);
  });

  await t.step("the commands that README.md gives for a deploy by hand work with the pinned CLI", async () => {
    const commands = [...(await Deno.readTextFile(`${ROOT}/README.md`)).matchAll(/^ {4}npx supabase@(\S+) (.*)$/gm)];
    equal(commands.length, 2);
    for (const [, version, args] of commands) {
      equal(version, CLI_VERSION);
      const values = args!.replaceAll("<ref>", ref).replaceAll("$DATABASE_URL", stack.databaseUrl);
      await supabase(ROOT, [...values.split(" "), "--yes"], known);
    }
  });

  await t.step("replaces a key that has changed", async () => {
    await asOwner((sql) =>
      sql`select vault.update_secret(id, 'sb_secret_old') from vault.secrets where name like '%key'`
    );
    const { code, text } = await deploy({ ...byUrl, SUPABASE_SECRET_KEY: stack.secretKey });
    equal(code, 0, text);
    match(text, /queues_secret_key changed/);
  });

  /** Expects a deploy to end before it changes anything, with the problem and its remedy. */
  const refuses = async (what: RegExp, remedy: RegExp, env: Env, from?: string) => {
    const uploads = api.uploads.length;
    const { code, text } = await deploy(env, from);
    equal(code, 1, text);
    match(text, what);
    match(text, remedy);
    equal(api.uploads.length, uploads);
  };

  for (
    const [name, env, what, remedy] of [
      ["without a project", { PROJECT_REF: "" }, /the project is not set/, /make deploy PROJECT_REF=/],
      ["an invalid project ref", { PROJECT_REF: "my-project" }, /`my-project` is not a project ref/, /20 letters/],
      ["without an access token", { SUPABASE_ACCESS_TOKEN: "" }, /TOKEN is not set/, /account\/tokens/],
      [
        "without a password",
        { DATABASE_URL: "" },
        /the password of the database is not set/,
        /set SUPABASE_DB_PASSWORD/,
      ],
      [
        "a database of another project",
        {
          DATABASE_URL:
            "postgresql://postgres.zzzzzzzzzzzzzzzzzzzz:x@aws-0-eu-west-1.pooler.supabase.com:5432/postgres",
        },
        /DATABASE_URL belongs to the project zzzzzzzzzzzzzzzzzzzz/,
        /unset DATABASE_URL/,
      ],
      [
        "an unreachable database",
        { DATABASE_URL: "postgresql://postgres:x@127.0.0.1:1/postgres" },
        /ECONNREFUSED/,
        /session pooler/,
      ],
      ...["SUPABASE_URL", "DATABASE_URL"].flatMap((name) =>
        ["127.0.0.1:54321", "localhost", "[::1]:1", "0.0.0.0", "[::ffff:127.0.0.1]", "db.localhost"].map((host) => [
          `the address of a local stack, ${host}, in ${name}`,
          { DEPLOY_TO_LOOPBACK: "", [name]: `${name === "SUPABASE_URL" ? "http" : "postgresql"}://${host}/postgres` },
          new RegExp(`${name} is an address of this machine`),
          new RegExp(`unset ${name}`),
        ])
      ),
      [
        "an unreachable API",
        { SUPABASE_URL: "http://127.0.0.1:1" },
        /cannot be reached/,
        /check the project ref/,
      ],
      ["a legacy key", { SUPABASE_SECRET_KEY: legacyKey }, /a legacy one \(a JWT/, /create a secret key/],
      ["a publishable key", { SUPABASE_SECRET_KEY: stack.publishableKey }, /publishable one/, /create a secret key/],
      [
        "a key of another project",
        { SUPABASE_SECRET_KEY: strangeKey },
        /does not accept the secret key/,
        /a secret key of this project/,
      ],
    ] as [string, Env, RegExp, RegExp][]
  ) {
    await t.step(`refuses ${name}`, () => refuses(what, remedy, { ...byUrl, ...env }));
  }

  for (
    const [name, spoil, repair, what, remedy] of [
      [
        "a missing secret",
        "update vault.secrets set name = 'away' where name = 'queues_secret_key'",
        "update vault.secrets set name = 'queues_secret_key' where name = 'away'",
        /Vault has no `queues_secret_key`/,
        /set SUPABASE_SECRET_KEY/,
      ],
      [
        "a missing extension",
        "alter schema net rename to away",
        "alter schema away rename to net",
        /pg_net is missing/,
        /enable it/,
      ],
      [
        "a database with other migrations",
        "insert into supabase_migrations.schema_migrations (version) values ('20200101000000')",
        "delete from supabase_migrations.schema_migrations where version = '20200101000000'",
        /not here: 20200101000000/,
        /migration repair --status reverted 20200101000000/,
      ],
      [
        "migrations that were edited after they were applied",
        "update supabase_migrations.schema_migrations set statements = statements || 'drop table t'::text " +
        "where name = 'app_tables'",
        "update supabase_migrations.schema_migrations set statements = trim_array(statements, 1) where name = 'app_tables'",
        /edited after they were applied to this database: \d+_app_tables\.sql/,
        /take the edit back and write a new migration[^]*--status applied \d+/,
      ],
    ] as [string, string, string, RegExp, RegExp][]
  ) {
    await t.step(`refuses ${name}`, async () => {
      await asAdmin(spoil);
      await refuses(what, remedy, byUrl);
      await asAdmin(repair);
    });
  }

  await t.step("replaces a job of the app that calls a worker only if told so", async () => {
    const call = `select net.http_post('${stack.url}/functions/v1/process-analytics', headers => '{"apikey": "x"}')`;
    await asOwner((sql) => sql`select cron.schedule('minutely', '0 0 1 1 *', ${call})`);
    await refuses(/cron job minutely calls a worker/, /TAKE_OVER=1 unschedules it/, byUrl);
    const { code, text } = await deploy({ ...byUrl, TAKE_OVER: "1" });
    equal(code, 0, text);
    match(text, /takeover +job minutely/);
    equal((await asOwner((sql) => sql`select from cron.job where jobname = 'minutely'`)).length, 0);
  });

  await t.step("refuses an exposed schema", async () => {
    const expose = async (schemas: string, status: number) => {
      await asAdmin(`alter role authenticator set pgrst.db_schemas = '${schemas}'; notify pgrst, 'reload config'`);
      const headers = { apikey: stack.secretKey, "accept-profile": "queues" };
      for (;;) {
        const response = await fetch(`${stack.url}/rest/v1/settings`, { headers });
        await response.body?.cancel();
        if ((response.status === 406) === (status === 406)) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    await expose("public,queues", 403);
    await refuses(/exposes the schema `queues`/, /remove it from the exposed schemas/, byUrl);
    await expose("public", 406);
  });

  await t.step("refuses a public bucket of uploads", async () => {
    await asAdmin("update storage.buckets set public = true where id = 'uploads'");
    await refuses(/the bucket `uploads` is public/, /make it private/, byUrl);
    await asAdmin("update storage.buckets set public = false where id = 'uploads'");
  });

  await t.step("refuses an incomplete checkout", async () => {
    const checkout = `${folder.path}/checkout`;
    await copyFolder(`${ROOT}/supabase`, `${checkout}/supabase`);
    await refuses(/pkg\/core lacks queues\.js, queues_bg\.js, queues_bg\.wasm/, /git checkout -- pkg/, byUrl, checkout);
  });

  await t.step("reports all problems at once", async () => {
    const { text } = await deploy({ ...byUrl, SUPABASE_ACCESS_TOKEN: "", DATABASE_URL: "" });
    match(text, /TOKEN is not set[^]*the password of the database is not set/);
  });

  await t.step("names a missing worker", async () => {
    const name = (text: string) =>
      asOwner((sql) => sql`update queues.settings set function_name = ${text} where queue = 'notifications'`);
    await name("process-nothing");
    const { code, text } = await deploy(byUrl);
    equal(code, 1, text);
    match(text, /process-nothing answered 404/);
    match(text, /so supabase\/functions\/process-nothing must exist/);
    await name("process-notifications");
  });

  await t.step("schedules the jobs again after pg_cron was off", async () => {
    const jobs = () => asOwner((sql) => sql`select jobname from cron.job order by jobname`.then((rows) => [...rows]));
    const before = await jobs();
    await asOwner((sql) => sql`select cron.unschedule(jobname) from cron.job`);
    await speedUp(asOwner);
    const { code, text } = await deploy(byUrl);
    equal(code, 0, text);
    deepEqual(await jobs(), before);
  });

  await t.step("names a job that is switched off, and how to switch it on", async () => {
    await asOwner((sql) => sql`select cron.alter_job(jobid, active => false) from cron.job`);
    const { code, text } = await deploy(byUrl);
    equal(code, 1, text);
    const remedies = text.match(/select cron\.alter_job\(.*?\)/g);
    equal(remedies?.length, 2, text);
    for (const remedy of remedies!) await asOwner((sql) => sql.unsafe(remedy));
    await speedUp(asOwner);
    equal((await deploy(byUrl)).code, 0);
  });

  await t.step("says where the smoke test is stuck", async () => {
    await stack.scheduler.stop();
    const { code, text } = await deploy({ ...byUrl, SMOKE_TEST_SECS: "1" });
    equal(code, 1, text);
    match(text, /pg_cron did not run the job dispatch-queues within 1 s/);
    match(text, /restart the database/);
    stack.scheduler.start();
  });

  await t.step("sends no smoke test to a paused queue", async () => {
    await asOwner((sql) => sql`update queues.settings set paused = true where queue = 'analytics'`);
    const { code, text } = await deploy(byUrl);
    equal(code, 0, text);
    match(text, /smoke test +not run: the queue analytics is paused/);
  });
});

/** Makes the queues due, so that nothing waits for their schedule. */
function speedUp(asOwner: (work: (sql: connect.Sql) => Promise<unknown>) => Promise<unknown>): Promise<unknown> {
  return asOwner(async (sql) => {
    await sql`update queues.settings set schedule_secs = 1`;
    await sql`update queues.due set at = clock_timestamp()`;
  });
}

/** Everything that a deploy may change, except for what the smoke test leaves. */
async function fingerprint(sql: connect.Sql): Promise<unknown[]> {
  return [
    ...(await sql`
    select 'migration' as kind, version as detail from supabase_migrations.schema_migrations
    union all select 'job', concat_ws(' ', jobid, jobname, schedule, command, active) from cron.job
    union all select 'secret', concat_ws(' ', id, name, md5(secret), updated_at) from vault.secrets
    union all select 'setting', s::text from queues.settings s
    union all select 'function', p.oid::text from pg_proc p where pronamespace = 'queues'::regnamespace
    order by 1, 2`),
  ];
}
