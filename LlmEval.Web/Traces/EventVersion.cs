using System.Text.Json;
using LlmEval.Core.Events;

namespace LlmEval.Web.Traces;

/// <summary>The trace's version that an event carries: tells an event that a list already contains from a newer one.</summary>
public static class EventVersion
{
    public static int Of(LogEvent e)
    {
        var json = new Utf8JsonReader(e.Payload.Span);
        while (json.Read())
        {
            // {"event":…,"data":{…,"version":3,…},"timestamp":…}
            if (json.TokenType == JsonTokenType.PropertyName && json.CurrentDepth == 2 && json.ValueTextEquals("version"u8))
            {
                return json.Read() && json.TryGetInt32(out int version) ? version : 0;
            }
        }

        return 0;
    }
}
