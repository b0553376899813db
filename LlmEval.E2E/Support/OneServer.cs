namespace LlmEval.E2E.Support;

/// <summary>
/// Classes that share one server, one after the other. A class that counts what everybody sent, or changes what holds for everybody, is
/// none of them.
/// </summary>
[CollectionDefinition]
public class OneServer : ICollectionFixture<SharedServer>;
