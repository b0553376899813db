namespace LlmEval.Tests.Architecture;

/// <summary>A wrong setting stops the start with a message, instead of failing somebody's request later.</summary>
public class OptionsTests
{
    private static readonly CodeMap[] Product = [CodeMap.Core, CodeMap.Web];

    [Fact]
    public void EveryOptionsClassIsValidatedAtTheStart()
    {
        Assert.Empty(NotValidated(Product));
        Assert.NotEmpty(Product.SelectMany(OptionsClasses));
    }

    [Fact]
    public void APlantedOptionsClassWithoutValidationIsCaught() =>
        Assert.Equal([typeof(Planted.ForgottenOptions).FullName!], NotValidated([CodeMap.Planted]));

    private static IEnumerable<string> NotValidated(CodeMap[] maps)
    {
        HashSet<string> validated =
        [
            .. maps.SelectMany(map => map.Types)
                .SelectMany(type => type.Members)
                .Where(member => member.Name is "AddSettings" or "ValidateOnStart" or "AddOptionsWithValidateOnStart")
                .Select(member => member.TypeArguments.Split(',')[0]),
        ];
        return maps.SelectMany(OptionsClasses).Where(name => !validated.Contains(name));
    }

    private static IEnumerable<string> OptionsClasses(CodeMap map) =>
        map.Types.Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal)).Select(type => type.FullName);
}
