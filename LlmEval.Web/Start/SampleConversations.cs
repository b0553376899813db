namespace LlmEval.Web.Start;

internal sealed record SampleConversation(string Question, string Good, string Poor, string? Function = null);

/// <summary>What the sample traces are about.</summary>
internal static class SampleConversations
{
    public static readonly IReadOnlyList<SampleConversation> All =
    [
        new(
            "Where is my order 4711? It was due on Monday.",
            "Your order 4711 left our warehouse on Saturday and is now at the depot in Leipzig. The carrier expects to deliver it **tomorrow before noon**. I am sorry that it is late.",
            "Orders usually arrive on time. Please wait.",
            """[{"name":"find_order","parameters":{"order":"4711"},"result":{"status":"in_transit","depot":"Leipzig"},"duration_ms":182}]"""),
        new(
            "Summarise in two sentences: The council agreed to widen the cycle path along the river. Work begins in March and takes four months; the path stays open on one side.",
            "The river cycle path will be widened from March on, which takes four months. One side stays open meanwhile.",
            "The council agreed to build a new bridge over the river. It opens in March."),
        new(
            "Write a SQL query for the revenue per month of this year.",
            "```sql\nSELECT date_trunc('month', ordered_at) AS month, sum(amount) AS revenue\nFROM orders\nWHERE ordered_at >= date_trunc('year', now())\nGROUP BY month\nORDER BY month;\n```",
            "SELECT revenue FROM orders GROUP BY year;"),
        new(
            "Can I return shoes that I have worn once?",
            "Yes, within 30 days, as long as they show no marks from outdoors. If you only tried them on at home, you get the full price back.",
            "I am an AI and cannot wear shoes."),
        new(
            "Translate into German: The meeting has been moved to Thursday at ten.",
            "Die Besprechung wurde auf Donnerstag um zehn Uhr verschoben.",
            "Das Treffen ist am Donnerstag."),
        new(
            "What should I check before I update PostgreSQL from 15 to 17?",
            "1. Read the release notes of 16 and 17 for incompatible changes.\n2. Check that your extensions exist for 17.\n3. Rehearse `pg_upgrade --check` on a copy.\n4. Take a backup that you have restored once.\n5. Run `ANALYZE` afterwards: statistics are not carried over.",
            "Just run apt upgrade, it will be fine."),
        new(
            "Is ibuprofen safe together with aspirin?",
            "Taken together they raise the risk of bleeding in the stomach, and ibuprofen can weaken the heart protection of low-dose aspirin. Please ask your doctor or pharmacist before you combine them.",
            "Yes, you can take both in any amount."),
        new(
            "Plan a day in Lisbon with two children.",
            "**Morning:** the Oceanarium, right at opening time.\n**Noon:** picnic in the park beside it.\n**Afternoon:** tram 28 for a few stops, then ice cream in Graça.\n**Evening:** early dinner by the river in Belém.",
            "Visit museums all day long. Children love museums."),
    ];
}
