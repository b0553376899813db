using System.Xml.Linq;
using LlmEval.Core.Access;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace LlmEval.Web.Access;

/// <summary>Keeps the framework's keys in the database: what one replica protected another can read, and a restart forgets nothing.</summary>
internal sealed class StoredProtectionKeys(ProtectionKeys keys) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() => [.. keys.List().Select(xml => XElement.Parse(xml))];

    public void StoreElement(XElement element, string friendlyName) => keys.Add(friendlyName, element.ToString(SaveOptions.DisableFormatting));
}

/// <summary>
/// Has the keys read at the start. The framework keeps what it has read; a server that first looked for them while its database is
/// away could show no page and take no token.
/// </summary>
internal sealed class ProtectionKeysAtStart(ProtectionKeys keys, IDataProtectionProvider protection) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        keys.UseFirstAsync(() => protection.CreateProtector("LlmEval.Start").Protect([]), stoppingToken);
}

internal static class ProtectionKeysRegistration
{
    public static IServiceCollection AddProtectionKeys(this IServiceCollection services)
    {
        services.AddSingleton<ProtectionKeys>();
        services.AddHostedService<ProtectionKeysAtStart>();

        // The name is part of every key: by default it is the folder that the server lies in.
        services.AddDataProtection().SetApplicationName("LlmEval");
        services.AddOptions<KeyManagementOptions>().Configure<ProtectionKeys>((options, keys) => options.XmlRepository = new StoredProtectionKeys(keys));
        return services;
    }
}
