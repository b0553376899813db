namespace LlmEval.Web.Ingestion;

/// <summary>What the memory of a body counts in.</summary>
internal interface IBodyRoom
{
    bool TryTake(long bytes);

    void Return(long bytes);
}
