using Microsoft.OpenApi;

namespace LlmEval.Web.Queries;

/// <summary>A parameter that an endpoint knows: others are refused, and the API description names it.</summary>
/// <param name="Meaning">For people.</param>
internal sealed record QueryParameter(string Name, string Meaning, JsonSchemaType Type = JsonSchemaType.String)
{
    public bool IsRepeatable { get; init; }

    public OpenApiParameter Describe()
    {
        var value = new OpenApiSchema { Type = Type };
        return new OpenApiParameter
        {
            Name = Name,
            In = ParameterLocation.Query,
            Description = Meaning,
            Schema = IsRepeatable ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = value } : value,
        };
    }
}
