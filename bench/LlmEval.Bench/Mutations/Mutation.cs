using System.IO.Compression;
using System.Text;

namespace LlmEval.Bench.Mutations;

/// <summary>What is sent: perhaps mutated, perhaps packed.</summary>
/// <param name="How">The names of what was done to it.</param>
internal sealed record Body(byte[] Bytes, string? Encoding, string How);

/// <summary>Spoils a valid JSON body in ways that networks, clients and attackers do.</summary>
internal static class Mutation
{
    /// <summary>What a few kilobytes of gzip may claim to be.</summary>
    private const int BombBytes = 48 << 20;

    private static readonly (string Name, Func<byte[], Random, byte[]> Apply)[] Ways =
    [
        ("flip", Flip),
        ("cut short", static (body, random) => body[..random.Next(body.Length)]),
        ("remove", static (body, random) => Replace(body, Stretch(body, random), [])),
        ("repeat", static (body, random) => Replace(body, Stretch(body, random) is var stretch ? stretch.End..stretch.End : default, body[stretch])),
        ("insert", static (body, random) => Replace(body, At(body, random), Noise(random))),
        ("odd value", static (body, random) => Replace(body, new JsonPlaces(body).AnyValue(random), OddValues.Any(random))),
        ("odd value", static (body, random) => Replace(body, new JsonPlaces(body).AnyValue(random), OddValues.Any(random))),
        ("odd value", static (body, random) => Replace(body, new JsonPlaces(body).AnyValue(random), OddValues.Any(random))),
        ("odd name", static (body, random) => Replace(body, new JsonPlaces(body).AnyName(random), OddValues.Any(random))),
        ("other name", static (body, random) => new JsonPlaces(body) is var p ? Replace(body, p.AnyName(random), body[p.AnyName(random)]) : body),
        ("other value", static (body, random) => new JsonPlaces(body) is var p ? Replace(body, p.AnyValue(random), body[p.AnyValue(random)]) : body),
        ("trailing", static (body, random) => [.. body, .. OddValues.Any(random)]),
        ("nothing but", static (_, random) => OddValues.Any(random)),
        ("wrapped", static (body, _) => [(byte)'[', .. body, (byte)']']),
        ("empty", static (_, _) => []),
        ("utf-16", static (body, random) => Reencode(body, random.Next(2) == 0 ? Encoding.Unicode : Encoding.BigEndianUnicode, random.Next(2) == 0)),
        ("utf-32", static (body, random) => Reencode(body, Encoding.UTF32, random.Next(2) == 0)),
        ("latin-1", static (body, _) => Reencode(body, Encoding.Latin1, marked: false)),
        ("byte order mark", static (body, _) => [.. Encoding.UTF8.Preamble, .. body]),
    ];

    /// <summary>One body out of many, always the same for the same random numbers.</summary>
    /// <param name="other">Another valid body, to splice with.</param>
    public static Body Of(byte[] valid, byte[] other, Random random)
    {
        byte[] body = valid;
        string how = "";
        if (random.Next(15) == 0)
        {
            body = [.. valid[..random.Next(valid.Length)], .. other[random.Next(other.Length)..]];
            how = "spliced";
        }
        else
        {
            (string name, Func<byte[], Random, byte[]> apply) = Ways[random.Next(Ways.Length)];
            body = apply(valid, random);
            how = name;
        }

        // Now and then a second one; it may no longer be JSON, so only what needs none.
        if (random.Next(4) == 0 && body.Length > 0)
        {
            body = Flip(body, random);
            how += ", flip";
        }

        return random.Next(6) == 0 ? Pack(body, how, random) : new Body(body, null, how);
    }

    private static Body Pack(byte[] body, string how, Random random) => random.Next(9) switch
    {
        0 or 1 => new Body(Gzip(body), "gzip", $"{how}, gzip"),
        2 => new Body(Flip(Gzip(body), random), "gzip", $"{how}, gzip damaged"),
        3 => Gzip(body) is var packed ? new Body(packed[..random.Next(packed.Length)], "gzip", $"{how}, gzip cut short") : null!,
        4 => new Body([.. Gzip(body), .. Gzip(body)], "gzip", $"{how}, gzip twice in a row"),
        5 => new Body(Gzip(Gzip(body)), "gzip", $"{how}, gzip in gzip"),
        6 => new Body(body, "gzip", $"{how}, called gzip"),
        7 => new Body(body, random.Next(2) == 0 ? "br" : "gzip, gzip", $"{how}, unknown encoding"),
        _ => new Body(Bomb.Value, "gzip", "gzip bomb"),
    };

    // Small enough for the largest body that is taken, so that it is unpacked to its end; then it is one enormous string.
    private static readonly Lazy<byte[]> Bomb = new(() => Gzip([(byte)'"', .. Enumerable.Repeat((byte)'b', BombBytes), (byte)'"']));

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Flip(byte[] body, Random random)
    {
        byte[] flipped = [.. body];
        for (int i = random.Next(1, 9); i > 0 && flipped.Length > 0; i--)
        {
            flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
        }

        return flipped;
    }

    private static byte[] Noise(Random random)
    {
        byte[] noise = new byte[random.Next(1, 64)];
        random.NextBytes(noise);
        return noise;
    }

    private static byte[] Reencode(byte[] body, Encoding encoding, bool marked) =>
        [.. marked ? encoding.GetPreamble() : [], .. Encoding.Convert(Encoding.UTF8, encoding, body)];

    private static Range At(byte[] body, Random random) => random.Next(body.Length + 1) is var at ? at..at : default;

    private static Range Stretch(byte[] body, Random random)
    {
        int from = random.Next(body.Length);
        return from..Math.Min(body.Length, from + random.Next(1, 200));
    }

    private static byte[] Replace(byte[] body, Range place, byte[] by) => [.. body[..place.Start], .. by, .. body[place.End..]];
}
