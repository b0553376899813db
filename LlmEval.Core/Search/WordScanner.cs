using System.Globalization;
using System.Text;

namespace LlmEval.Core.Search;

/// <summary>
/// Cuts text into words, for the index and for queries alike, so that both databases answer the same. A word is a run of letters
/// and digits, in lower case and without diacritics. Scripts that do not part their words with spaces give a word for each
/// letter; a run of them is then a phrase.
/// </summary>
internal static class WordScanner
{
    /// <summary>The rest of a longer word is left out; two such words that begin alike are the same.</summary>
    public const int MostLetters = 64;

    // What a character of the basic plane stands for, filled when it is first met. A race writes the same text twice.
    private static readonly string?[] Folded = new string?[0x10000];

    public static List<string> Read(ReadOnlySpan<char> text)
    {
        var scan = new Scan();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.IsAscii)
            {
                scan.TakeAscii((char)rune.Value);
                continue;
            }

            foreach (Rune part in Fold(rune).EnumerateRunes())
            {
                scan.Take(part);
            }
        }

        return scan.End();
    }

    private static string Fold(Rune rune) => rune.IsBmp ? Folded[rune.Value] ??= ComputeFold(rune) : ComputeFold(rune);

    private static string ComputeFold(Rune rune)
    {
        string text = rune.ToString();
        if (rune.Value is >= 0xAC00 and <= 0xD7A3)
        {
            // Taken apart, a Korean syllable would be three letters.
            return text;
        }

        if (rune.Value == 0xFFFE)
        {
            // No character, at which Normalize throws.
            return " ";
        }

        var kept = new StringBuilder();
        foreach (Rune part in text.Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (!IsDiacritic(part))
            {
                kept.Append(part.Value == 'ς' ? "σ" : Rune.ToLowerInvariant(part).ToString());
            }
        }

        return kept.ToString();
    }

    // Marks of Latin, Greek, Cyrillic, Hebrew and Arabic writing. Those of Indic scripts are vowels, and stay.
    private static bool IsDiacritic(Rune rune) => rune.Value is
        (>= 0x0300 and <= 0x036F) or (>= 0x0591 and <= 0x05C7) or (>= 0x064B and <= 0x065F) or 0x0670
        or (>= 0x1AB0 and <= 0x1AFF) or (>= 0x1DC0 and <= 0x1DFF) or (>= 0x20D0 and <= 0x20FF) or (>= 0xFE20 and <= 0xFE2F);

    private static bool StandsAlone(Rune rune) => rune.Value is
        (>= 0x0E00 and <= 0x0EFF) // Thai, Lao
        or (>= 0x1000 and <= 0x109F) // Burmese
        or (>= 0x1780 and <= 0x17FF) // Khmer
        or (>= 0x3040 and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF) // Japanese
        or (>= 0x3100 and <= 0x312F) // Bopomofo
        or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF) // Han
        or (>= 0xAC00 and <= 0xD7A3); // Korean

    private ref struct Scan()
    {
        private readonly List<string> _words = [];
        private readonly StringBuilder _word = new(MostLetters);
        private bool _alone;

        public void TakeAscii(char c)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                Join(new Rune(char.ToLowerInvariant(c)));
            }
            else
            {
                EndWord();
            }
        }

        public void Take(Rune rune)
        {
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark:
                    if (_word.Length > 0)
                    {
                        Append(rune);
                    }

                    break;
                case UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                    or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
                    or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber:
                    if (StandsAlone(rune))
                    {
                        EndWord();
                        Append(rune);
                        _alone = true;
                    }
                    else
                    {
                        Join(rune);
                    }

                    break;
                case UnicodeCategory.Format:
                    // Soft hyphens and joiners stand inside words.
                    break;
                default:
                    EndWord();
                    break;
            }
        }

        public List<string> End()
        {
            EndWord();
            return _words;
        }

        private void Join(Rune rune)
        {
            if (_alone)
            {
                EndWord();
            }

            Append(rune);
        }

        private readonly void Append(Rune rune)
        {
            if (_word.Length + rune.Utf16SequenceLength <= MostLetters)
            {
                _word.Append(rune.ToString());
            }
        }

        private void EndWord()
        {
            if (_word.Length > 0)
            {
                _words.Add(_word.ToString());
                _word.Clear();
            }

            _alone = false;
        }
    }
}
