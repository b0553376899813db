using LlmEval.Web.Traces;

namespace LlmEval.Tests.Traces;

public class SearchMarksTests
{
    [Theory]
    [InlineData("Order was late, ORDER again", "order", "[Order] was late, [ORDER] again")]
    [InlineData("not late", "\"late order\" not", "[not] late")]
    [InlineData("a late order", "\"late order\"", "a [late order]")]
    [InlineData("late and later", "lat* -and", "[lat]e and [lat]er")]
    [InlineData("nothing", "", "nothing")]
    [InlineData("", "x", "")]
    [InlineData("a aa aaa", "a aa", "[a] [aa] aaa")]
    [InlineData("In the Parthenon: the, then", "the", "In [the] Parthenon: [the], then")]
    [InlineData("C++ or c#", "c++ c", "[C++] or [c]#")]
    [InlineData("Was it on_time?", "time it", "Was [it] on_time?")]
    [InlineData("a * b", "* b", "a * [b]")]
    public void HitsAreToldApart(string text, string search, string marked) =>
        Assert.Equal(marked, string.Concat(SearchMarks.Split(text, SearchMarks.Words(search)).Select(piece => piece.Hit ? $"[{piece.Text}]" : piece.Text)));

    [Fact]
    public void WhatIsLeftOutIsNotMarked() => Assert.Equal(["b"], SearchMarks.Words("-a -\"a c\" b"));
}
