using System.ComponentModel.DataAnnotations;
using LlmEval.Core.Primitives;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LlmEval.Tests.Primitives;

public class SettingsTests
{
    [Fact]
    public void AFaultNamesTheSettingAsItIsWritten()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Some:Section:Seconds", (string?)"0")]).Build();
        using ServiceProvider services = new ServiceCollection().AddSettings<SomeSettings>(configuration, "Some:Section").Services.BuildServiceProvider();

        var fault = Assert.Throws<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        Assert.StartsWith("Some:Section:Seconds: ", Assert.Single(fault.Failures), StringComparison.Ordinal);
    }

    private sealed class SomeSettings
    {
        [Range(1, 10)]
        public int Seconds { get; set; }
    }
}
