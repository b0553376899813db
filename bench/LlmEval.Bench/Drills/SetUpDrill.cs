using System.Net;
using System.Text.RegularExpressions;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Runs;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Two replicas start on an empty database and are killed while they make the tables; started again, they are used by two people at once
/// to make the first account, and one is killed meanwhile. In the end there is one schema, as it should be, and one owner.
/// </summary>
internal static partial class SetUpDrill
{
    private const string Schema = """
        SELECT md5(string_agg(line, ',' ORDER BY line)) FROM (
            SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS line FROM information_schema.columns WHERE table_schema = 'public'
            UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL SELECT p.proname || md5(p.prosrc) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND p.prokind = 'f' AND p.prolang <> 13
        ) AS lines
        """;

    /// <summary>For what has to come, however busy the machine is.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        BenchFailure.Unless(!settings.Sqlite, "replicas share a PostgreSQL");
        await using TestBed bed = await TestBed.StartAsync(settings.Arguments, big: false, redis: false, cancel, migrate: true);
        string whole = await bed.Postgres.ScalarAsync<string>(TestBed.Migrated, Schema);
        int times = settings.Times(brief: 1, whole: 15);
        int unfinished = 0;
        for (int i = 1; i <= times; i++)
        {
            string database = $"setup_{i}";
            await bed.Postgres.CreateDatabaseAsync(database);
            using ServerProcess one = Replica(bed, $"one-{i}", database);
            using ServerProcess two = Replica(bed, $"two-{i}", database);
            unfinished += await KillWhileTheyMigrateAsync(bed, database, one, two, settings.Random, whole, cancel) ? 1 : 0;
            await Task.WhenAll(one.StartAsync(cancel), two.StartAsync(cancel));
            string made = await bed.Postgres.ScalarAsync<string>(database, Schema);
            BenchFailure.Unless(made == whole, $"round {i}: the schema is not that of a start without a kill");
            BenchFailure.Unless(await bed.Postgres.ScalarAsync<long>(database, "SELECT count(*) FROM event_head") == 1, $"round {i}: there is more than one event counter, or none");
            await MakeOwnerAsync(one, two, settings.Random, cancel);
            long owners = await bed.Postgres.ScalarAsync<long>(database, "SELECT count(*) FROM users");
            BenchFailure.Unless(owners == 1, $"round {i}: there are {owners} accounts after the first set-up");
        }

        return $"{times} times two replicas were killed while they started on an empty database, {unfinished} times with tables missing; after the next start each had the one schema. "
            + "Two people then made the first account at once, and one replica was killed: each time there was one owner, and the links held no more";
    }

    private static ServerProcess Replica(TestBed bed, string name, string database) =>
        bed.With(name, database, [new("LlmEval__RequireSignIn", "true")]);

    /// <returns>Whether they were killed before they were through.</returns>
    private static async Task<bool> KillWhileTheyMigrateAsync(
        TestBed bed, string database, ServerProcess one, ServerProcess two, Random random, string whole, CancellationToken cancel)
    {
        one.Begin();
        two.Begin();

        // A server takes a second or two until its first statement: from then on there are tables, more every moment.
        long began = Environment.TickCount64;
        while (await bed.Postgres.ScalarAsync<long>(database, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'") == 0)
        {
            BenchFailure.Unless(Environment.TickCount64 - began < Patience.TotalMilliseconds, "no table was made");
            await Task.Delay(5, cancel);
        }

        await Task.Delay(random.Next(0, 300), cancel);
        one.Kill();
        two.Kill();
        return await bed.Postgres.ScalarAsync<string>(database, Schema) != whole;
    }

    private static async Task MakeOwnerAsync(ServerProcess one, ServerProcess two, Random random, CancellationToken cancel)
    {
        Uri[] links = await Task.WhenAll(SetUpLink.OfAsync(one, cancel), SetUpLink.OfAsync(two, cancel));
        using var ann = new SetUpForm(links[0]);
        using var bob = new SetUpForm(links[1]);
        await ann.OpenAsync(cancel);
        await bob.OpenAsync(cancel);
        Task<bool>[] making = [ann.SubmitAsync("ann", cancel), bob.SubmitAsync("bob", cancel)];
        await Task.Delay(random.Next(0, 120), cancel);
        one.Kill();
        bool[] made = await Task.WhenAll(making);
        if (!made[1] && await bob.OpenAsync(cancel))
        {
            // The one was killed before it could store the account: the other's link still holds.
            await bob.SubmitAsync("bob", cancel);
        }

        BenchFailure.Unless(!await bob.OpenAsync(cancel), "a link still holds after the first account was made");
    }

    /// <summary>A browser without scripts on the page of the link.</summary>
    private sealed partial class SetUpForm(Uri link) : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(30) };
        private string _html = "";

        /// <returns>Whether the link holds.</returns>
        public async Task<bool> OpenAsync(CancellationToken cancel)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, link) { Headers = { { "Accept", "text/html" } } };
            using HttpResponseMessage answer = await _http.SendAsync(request, cancel);
            _html = await answer.Content.ReadAsStringAsync(cancel);
            return _html.Contains("Form.Password", StringComparison.Ordinal);
        }

        /// <returns>Whether the account was made.</returns>
        public async Task<bool> SubmitAsync(string name, CancellationToken cancel)
        {
            IEnumerable<KeyValuePair<string, string>> hidden = Hidden().Matches(_html)
                .Select(m => KeyValuePair.Create(m.Groups["name"].Value, WebUtility.HtmlDecode(m.Groups["value"].Value)));
            using var form = new FormUrlEncodedContent([
                .. hidden, new("Form.Name", name), new("Form.Email", $"{name}@example.com"), new("Form.Password", "a quiet harbour at dawn"),
            ]);
            try
            {
                using HttpResponseMessage answer = await _http.PostAsync(link, form, cancel);
                return answer.Headers.Location is not null;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }

        public void Dispose() => _http.Dispose();

        [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]+)\" value=\"(?<value>[^\"]*)\"")]
        private static partial Regex Hidden();
    }
}
