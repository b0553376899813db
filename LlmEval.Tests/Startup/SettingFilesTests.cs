using LlmEval.Web.Startup;
using Microsoft.Extensions.Configuration;

namespace LlmEval.Tests.Startup;

public sealed class SettingFilesTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Theory]
    [InlineData("s3cret")]
    [InlineData("s3cret\n")]
    [InlineData("s3cret\r\n")]
    public void AFileGivesTheValueWithoutItsLastLineBreak(string content)
    {
        File.WriteAllText(_file, content);
        using ConfigurationManager configuration = With(("DATABASE_PASSWORD_FILE", _file));

        configuration.AddSettingFiles();

        Assert.Equal("s3cret", configuration["DATABASE_PASSWORD"]);
    }

    [Fact]
    public void TwoValuesForOneSettingAreAFault()
    {
        using ConfigurationManager configuration = With(("REDIS_PASSWORD_FILE", _file), ("REDIS_PASSWORD", "x"));

        Assert.Contains("REDIS_PASSWORD and REDIS_PASSWORD_FILE", Assert.Throws<SettingFileException>(configuration.AddSettingFiles).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsNotThereIsNamed()
    {
        using ConfigurationManager configuration = With(("WEBHOOK_SECRET_FILE", _file + "-not"));

        Assert.Contains($"WEBHOOK_SECRET_FILE names {_file}-not", Assert.Throws<SettingFileException>(configuration.AddSettingFiles).Message, StringComparison.Ordinal);
    }

    private static ConfigurationManager With(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => (string?)s.Value));
        return configuration;
    }

    public void Dispose() => File.Delete(_file);
}
