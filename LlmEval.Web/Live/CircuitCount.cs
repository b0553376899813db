using LlmEval.Core.Events;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace LlmEval.Web.Live;

/// <summary>Counts the circuit for as long as a browser is connected to it.</summary>
internal sealed class CircuitCount(ReaderMetrics readers) : CircuitHandler
{
    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        readers.EnterCircuit();
        return Task.CompletedTask;
    }

    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        readers.LeaveCircuit();
        return Task.CompletedTask;
    }
}
