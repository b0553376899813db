using System.Net;
using System.Text.RegularExpressions;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.People;

/// <summary>A browser without scripts: it keeps cookies, and fills in the form of the page it is on.</summary>
internal sealed partial class Visitor : IDisposable
{
    private readonly HttpClient _http;

    public Visitor(TestServer server)
    {
        Cookies = new CookieContainer();
        _http = new HttpClient(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = server.Url };
        _http.DefaultRequestHeaders.Add("Accept", "text/html");
    }

    public CookieContainer Cookies { get; }

    /// <summary>The page it is on.</summary>
    public string Html { get; private set; } = "";

    public string? Session => Cookies.GetAllCookies().SingleOrDefault(c => c.Name == "llmeval-session")?.Value;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Where it was, to send the form back to.</summary>
    private string _path = "/";

    public async Task<HttpStatusCode> OpenAsync(string path)
    {
        using HttpResponseMessage answer = await _http.GetAsync(path, Cancel);
        (_path, Html) = (path, await answer.Content.ReadAsStringAsync(Cancel));
        return answer.StatusCode;
    }

    /// <returns>Where it is sent, on success; else null, and the page is the answer.</returns>
    public async Task<string?> SubmitAsync(params (string Name, string Value)[] fields)
    {
        IEnumerable<KeyValuePair<string, string>> hidden = Hidden().Matches(Html)
            .Select(m => KeyValuePair.Create(m.Groups["name"].Value, WebUtility.HtmlDecode(m.Groups["value"].Value)));
        using var form = new FormUrlEncodedContent([.. hidden, .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]);
        using HttpResponseMessage answer = await _http.PostAsync(_path, form, Cancel);
        Status = answer.StatusCode;
        Html = await answer.Content.ReadAsStringAsync(Cancel);
        return answer.Headers.Location?.ToString();
    }

    /// <summary>Of the last form that was sent.</summary>
    public HttpStatusCode Status { get; private set; }

    /// <summary>Goes where it is sent, to other sites too, until a page of ours would be shown.</summary>
    /// <returns>The address of that page.</returns>
    public async Task<string> FollowAsync(string path)
    {
        var at = new Uri(_http.BaseAddress!, path);
        for (int i = 0; i < 10; i++)
        {
            using HttpResponseMessage answer = await _http.GetAsync(at, Cancel);
            if (answer.Headers.Location is not { } next)
            {
                return at.PathAndQuery;
            }

            at = new Uri(at, next);
        }

        throw new InvalidOperationException("It goes round in a circle.");
    }

    public async Task<string?> SignInAsync(string email, string password, string path = "/sign-in")
    {
        await OpenAsync(path);
        return await SubmitAsync(("Form.Email", email), ("Form.Password", password));
    }

    /// <summary>Sends a form without fields.</summary>
    public async Task PostAsync(string path)
    {
        using HttpResponseMessage answer = await _http.PostAsync(path, null, Cancel);
        Status = answer.StatusCode;
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]+)\" value=\"(?<value>[^\"]*)\"")]
    private static partial Regex Hidden();
}
