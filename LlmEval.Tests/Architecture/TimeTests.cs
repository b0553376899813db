namespace LlmEval.Tests.Architecture;

/// <summary>All time comes from <see cref="TimeProvider"/>, so that a test can move the clock.</summary>
public class TimeTests
{
    private static readonly CodeMap[] Product = [CodeMap.Core, CodeMap.Web];

    // What comes after a deadline of the driver's, which no test can move.
    private static readonly string[] GoByTheMachine = ["LlmEval.Core.Writing.PostgresPatience"];

    [Fact]
    public void NothingAsksAnotherClock()
    {
        string[] uses = [.. Product.SelectMany(ClockUses)];
        Assert.All(GoByTheMachine, type => Assert.Contains(uses, use => use.StartsWith(type, StringComparison.Ordinal)));
        Assert.DoesNotContain(uses, use => !GoByTheMachine.Any(type => use.StartsWith(type, StringComparison.Ordinal)));
        Assert.True(Product.Sum(map => map.Types.Sum(type => type.Members.Count)) > 500);
        Assert.Contains(Product, map => map.Types.Any(type => type.Members.Any(m => m.Type.FullName == "System.TimeProvider")));
    }

    [Theory]
    [InlineData("System.DateTime.get_UtcNow")]
    [InlineData("System.DateTime.get_Now")]
    [InlineData("System.DateTime.get_Today")]
    [InlineData("System.DateTimeOffset.get_UtcNow")]
    [InlineData("System.DateTimeOffset.get_Now")]
    [InlineData("System.Environment.get_TickCount64")]
    [InlineData("System.Diagnostics.Stopwatch.StartNew")]
    [InlineData("System.Threading.Thread.Sleep")]
    [InlineData("System.Threading.Tasks.Task.Delay")]
    [InlineData("System.Threading.Tasks.Task.WaitAsync")]
    [InlineData("System.Threading.PeriodicTimer..ctor")]
    [InlineData("System.Threading.CancellationTokenSource..ctor")]
    [InlineData("System.Guid.CreateVersion7")]
    public void APlantedClockIsCaught(string member) =>
        Assert.Contains(ClockUses(CodeMap.Planted), use => use.Contains($"AsksClocks calls {member}", StringComparison.Ordinal));

    [Fact]
    public void AskingTheTimeProviderIsNotCaught() =>
        Assert.DoesNotContain(ClockUses(CodeMap.Planted), use => use.Contains("AsksTheTimeProvider", StringComparison.Ordinal));

    private static IEnumerable<string> ClockUses(CodeMap map) =>
        from type in map.Types
        from member in type.Members
        where IsClock(member)
        select $"{type} calls {member}";

    private static bool IsClock(NamedMember member) => (member.Type.FullName, member.Name) switch
    {
        ("System.DateTime" or "System.DateTimeOffset", "get_Now" or "get_UtcNow" or "get_Today") => true,
        ("System.Environment", "get_TickCount" or "get_TickCount64") => true,
        ("System.Diagnostics.Stopwatch", _) => true,
        ("System.Threading.Thread", "Sleep") => true,
        ("System.Threading.Timer", ".ctor") => true,
        ("System.Guid", "CreateVersion7") => member.Parameters.Length == 0,
        ("System.Threading.PeriodicTimer" or "System.Threading.CancellationTokenSource", ".ctor")
            or ("System.Threading.Tasks.Task" or "System.Threading.Tasks.Task`1", "Delay" or "WaitAsync") =>
            (member.Parameters.Contains("TimeSpan", StringComparison.Ordinal) || member.Parameters.Contains("Int32", StringComparison.Ordinal))
            && !member.Parameters.Contains("TimeProvider", StringComparison.Ordinal),
        _ => false,
    };
}
