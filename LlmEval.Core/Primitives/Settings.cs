using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Primitives;

/// <summary>Settings of a section, checked at the start by their attributes; a fault names the setting as one writes it.</summary>
public static class Settings
{
    public static OptionsBuilder<T> AddSettings<T>(this IServiceCollection services, IConfiguration configuration, string section)
        where T : class
    {
        services.AddSingleton(new KnownSettings(section, [.. typeof(T).GetProperties().Where(p => p.CanWrite).Select(p => p.Name)]));
        services.AddSingleton<IValidateOptions<T>>(new ByAttributes<T>(section));
        return services.AddOptions<T>().Bind(configuration.GetSection(section)).ValidateOnStart();
    }

    private sealed class ByAttributes<T>(string section) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            var faults = new List<ValidationResult>();
            return Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true)
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(faults.Select(fault => $"{section}:{fault.MemberNames.FirstOrDefault()}: {fault.ErrorMessage}"));
        }
    }
}
