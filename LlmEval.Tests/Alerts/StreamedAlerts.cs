using System.Text.Json;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Alerts;

/// <summary>Alerts as a stream tells them.</summary>
internal static class StreamedAlerts
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    public static async Task<JsonElement> NextAlertAsync(this TestStream stream, string action, string rule)
    {
        while (true)
        {
            StreamFrame frame = await stream.NextAsync("system_updates", Patience);
            if (frame.Body.GetProperty("action").GetString() == action && frame.Body.GetProperty("rule").GetString() == rule)
            {
                return frame.Body;
            }
        }
    }
}
