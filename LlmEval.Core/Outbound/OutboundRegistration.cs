using System.Net;
using LlmEval.Core.Primitives;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Outbound;

public static class OutboundRegistration
{
    /// <summary>Adds the sending of events to other systems.</summary>
    public static IServiceCollection AddOutbound(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<OutboundOptions>(configuration, "LlmEval:Outbound");
        services.AddSingleton<HostLookup>(Dns.GetHostAddressesAsync);
        services.AddSingleton<AddressGuard>();
        services.AddSingleton<OutboundSignal>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<SentNotices>();
        services.AddSingleton<Subscriptions>();
        services.AddSingleton<DeliveryQueries>();
        services.AddSingleton<Redeliver>();
        services.AddSingleton<SendTest>();
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<DeliveryWorker>();
        services.AddSingleton<Events.IEventConsumer, SubscriptionPositions>();
        services.AddHostedService<DeliveryLoop>();
        services.AddHostedService<DeliveryTrimLoop>();
        services.AddHostedService<NoticeLoop>();
        return services;
    }
}
