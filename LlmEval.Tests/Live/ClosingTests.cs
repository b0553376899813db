using System.Reflection;
using LlmEval.Web.Live;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Tests.Live;

public class ClosingTests
{
    [Fact]
    public void WhatGoesOnAfterTheEndIsToldOfItAndDoesNotFail()
    {
        var closed = new Closing();
        bool told = false;
        closed.Token.Register(() => told = true);

        closed.Dispose();
        closed.Dispose();

        Assert.True(told);
        Assert.True(closed.Token.IsCancellationRequested);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(closed.Token);
        Assert.True(linked.IsCancellationRequested);
    }

    /// <summary>Its token throws once it is disposed, and a component that ends while it opens goes on to ask for it.</summary>
    [Fact]
    public void NoComponentEndsByASourceThatThrowsAfterItsEnd()
    {
        IEnumerable<FieldInfo> sources = typeof(Closing).Assembly.GetTypes()
            .Where(t => t.IsAssignableTo(typeof(IComponent)))
            .SelectMany(t => t.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(f => f.FieldType == typeof(CancellationTokenSource) && f.Name == "_closed");

        // The one of the base class takes its token when it is made.
        Assert.Equal([nameof(LiveComponent)], sources.Select(f => f.DeclaringType!.Name));
    }
}
