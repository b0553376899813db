using LlmEval.Web.Access;

namespace LlmEval.Web.Limits;

/// <summary>For whom a request counts.</summary>
internal static class CallerPartition
{
    /// <param name="caller">Null for one that was not let in.</param>
    /// <returns>Null for this machine's own while nothing is set up, which has no limits.</returns>
    public static string? Of(HttpContext context, Caller? caller) => caller switch
    {
        { IsThisMachine: true } => null,
        { Key: { } key } => $"key-{key.Id}",

        // Signing in once more makes another session, and no other person.
        { User: { } user } => $"person-{user.Id}",

        // The peer's address: what a header says of it anybody can write.
        _ => $"address-{NetworkGroup.Of(context.Connection.RemoteIpAddress)}",
    };
}
