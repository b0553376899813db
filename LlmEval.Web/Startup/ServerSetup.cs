using Microsoft.Extensions.Configuration.Memory;

namespace LlmEval.Web.Startup;

/// <summary>How the web server listens and stops.</summary>
internal static class ServerSetup
{
    private const string DefaultUrl = "http://localhost:8000";

    // Below every other source, so that files and the environment can change it. A line per request would cost more than the
    // request; what goes wrong is logged by us.
    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Warning",

        // It warns that keys lie unencrypted in our table, and looks for them before there is one.
        ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = "None",

        // It writes a stack for every request with a cookie that cannot be read, and anybody can send one; the answer says it.
        ["Logging:LogLevel:Microsoft.AspNetCore.Antiforgery"] = "None",

        // It writes what a provider sent as it came, line breaks and all; a sign-in that fails is logged by us.
        ["Logging:LogLevel:Microsoft.AspNetCore.Authentication.OpenIdConnect"] = "None",

        // What is built but not published would have an endpoint for any GET, so that one of a path that takes only POST finds nothing
        // instead of hearing so. Whoever works on the styles can turn it on, and sees a changed file without a build.
        ["ReloadStaticAssetsAtRuntime"] = "false",

        // On at any level, it makes an activity and a log scope for every request that nobody reads.
        ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",
    };

    // A proxy may take a bare line feed for a part of a header's value, where Kestrel by default sees the header's end.
    private const string OnlyWholeLineEnds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    // Watching the working directory for changed settings would mean watching the database in it.
    private const string NoReload = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>
    /// A published server finds its pages' files beside itself, from whatever directory it is started; by default it would look in
    /// the working directory, and answer for each of them with nothing.
    /// </summary>
    public static WebApplicationOptions OptionsFrom(string[] args)
    {
        string published = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        return new WebApplicationOptions { Args = [NoReload, .. args], WebRootPath = Directory.Exists(published) ? published : null };
    }

    public static void AddServer(this WebApplicationBuilder builder)
    {
        AppContext.SetSwitch(OnlyWholeLineEnds, true);
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });
        builder.Configuration.AddSettingFiles();

        // What was built but not published, as by `dotnet run`, finds the files of its pages where they were built from; by default
        // only in the environment "Development". A published server has them beside it, and this does nothing.
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        BodyLimit.ConfigureDefaults(builder.Services);

        ListenAddress.ThrowUnlessGood(builder.Configuration["urls"]);
        bool addressGiven = new[] { "urls", "http_ports", "https_ports" }.Any(key => !string.IsNullOrEmpty(builder.Configuration[key]))
            || builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
        if (!addressGiven)
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        // Requests in flight get their answer within this time when the process is asked to stop.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(4));
    }
}
