using LlmEval.Core.Primitives;

namespace LlmEval.Tests.Primitives;

public class CursorTests
{
    [Fact]
    public void ACursorSurvivesItsText()
    {
        var cursor = new Cursor(new DateTime(2025, 1, 27, 12, 0, 0, 123, 456, DateTimeKind.Utc), 42);

        Assert.True(Cursor.TryParse(cursor.ToString(), out Cursor? back));
        Assert.Equal(cursor, back);
        Assert.Equal(DateTimeKind.Utc, back.Timestamp.Kind);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("42")]
    [InlineData("not base64url!!!!!!!!!!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    // A time before 1970, and one after year 9999.
    [InlineData("_____________________w")]
    [InlineData("f____________________w")]
    public void WhatNoServerGaveOutIsNotACursor(string? text) => Assert.False(Cursor.TryParse(text, out _));
}
