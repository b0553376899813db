using System.Net.Sockets;
using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using LlmEval.Web.Access;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Startup;

/// <summary>Says in plain words what is wrong with the configuration, instead of a stack.</summary>
internal static class SetupFaults
{
    /// <summary>How the framework begins to say that a value is of the wrong type; it goes on with the setting.</summary>
    private const string NotConverted = "Failed to convert configuration value";

    /// <summary>How Kestrel begins to say that it has no certificate.</summary>
    private const string NoCertificate = "Unable to configure HTTPS endpoint";

    /// <returns>The exit code: 0, or 2 when the configuration or the state of the database is at fault.</returns>
    public static async Task<int> ReportAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (OptionsValidationException e)
        {
            return Report(e.Failures);
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            return Report(e.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures));
        }
        catch (InvalidOperationException e) when (e.Message.StartsWith(NotConverted, StringComparison.Ordinal))
        {
            return Report([e.Message]);
        }
        catch (InvalidOperationException e) when (e.Message.StartsWith(NoCertificate, StringComparison.Ordinal))
        {
            return Report(
            [
                "ASPNETCORE_URLS or --urls has an address with https, for which there is no certificate. Name one with "
                + "Kestrel__Certificates__Default__Path and Kestrel__Certificates__Default__Password, or listen at http behind a proxy.",
            ]);
        }
        catch (Exception e) when (e is StorageSetupException or OpenAddressException or SettingFileException)
        {
            return Report([e.Message]);
        }
        catch (EventLogSetBackException e)
        {
            return Report([e.Message], "LlmEval stops:");
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            return Report([$"{e.Message} Stop what uses it, or choose another with --urls http://localhost:PORT."]);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AccessDenied)
        {
            return Report([$"The server cannot listen where ASPNETCORE_URLS or --urls says: {e.Message}."]);
        }
    }

    private static int Report(IEnumerable<string> faults, string what = "LlmEval cannot start:")
    {
        Console.Error.WriteLine(what);
        foreach (string fault in faults)
        {
            Console.Error.WriteLine($"  {fault}");
        }

        return 2;
    }
}
