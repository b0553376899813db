using System.Reflection;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Tests.Architecture;

/// <summary>Pages are told what happens, by what is in Live: none of them looks again and again whether something has.</summary>
public class PollingTests
{
    private static readonly string[] Timers = ["System.Threading.PeriodicTimer", "System.Threading.ITimer", "System.Threading.Timer", "System.Timers.Timer"];

    // What goes by the clock and not by what happens: the end of a range.
    private static readonly string[] GoByTheClock = ["LlmEval.Web.Metrics.OverviewPage"];

    [Fact]
    public void NoComponentHasATimer() =>
        Assert.Equal(GoByTheClock, WithTimers(CodeMap.Web, typeof(Program).Assembly).Order(StringComparer.Ordinal));

    [Fact]
    public void APlantedTimerIsCaught() =>
        Assert.Equal([typeof(Planted.LooksAgainAndAgain).FullName!], WithTimers(CodeMap.Planted, typeof(PollingTests).Assembly));

    private static IEnumerable<string> WithTimers(CodeMap map, Assembly assembly) =>
        from type in map.Types
        where map.FolderOf(type.Namespace) != "Live"
            && type.Types.Any(used => Timers.Contains(used.FullName))
            && assembly.GetType(type.FullName)?.IsAssignableTo(typeof(IComponent)) == true
        select type.FullName;
}
