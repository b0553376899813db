using LlmEval.Core.Access;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Access;

/// <summary>
/// The whole product stands once more under <c>/p/{slug}</c> for every project; without it, it is about the project
/// <c>default</c>. The prefix becomes the base address, so that pages and endpoints know nothing of it. A project that is not there is
/// dealt with as one of others: nobody learns by its address whether there is one.
/// </summary>
internal sealed class ProjectPath(RequestDelegate next, AccessDirectory directory)
{
    public const string Prefix = "/p";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments(Prefix, out PathString rest) && SlugOf(rest) is { } slug && Projects.IsSlug(slug))
        {
            context.Features.Set(directory.Known?.FindProject(slug) ?? NotThere(slug));
            context.Request.PathBase = context.Request.PathBase.Add($"{Prefix}/{slug}");
            context.Request.Path = rest.Value![(slug.Length + 1)..] is { Length: > 0 } path ? path : "/";
        }

        return next(context);
    }

    /// <summary>The project whose pages have this base address.</summary>
    public static Project Of(Uri baseUri, AccessBook book)
    {
        string[] parts = baseUri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (parts is [.., "p", var slug] ? book.FindProject(slug) : null) ?? book.FindProject(Projects.Default)!;
    }

    /// <summary>The address of a project's pages, seen from another project's.</summary>
    public static string Address(NavigationManager navigation, Project project)
    {
        string root = new Uri(navigation.BaseUri).AbsolutePath;
        string[] parts = root.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string outside = parts is [.. var before, "p", _] ? string.Concat(before.Select(part => $"/{part}")) : root.TrimEnd('/');
        return project.Id == Projects.Default ? $"{outside}/" : $"{outside}{Prefix}/{project.Slug}/";
    }

    private static Project NotThere(string slug) => new() { Id = Projects.Nowhere, Slug = slug, Name = slug };

    private static string? SlugOf(PathString rest) => rest.Value is ['/', .. var text] ? text.Split('/', 2)[0] : null;
}
