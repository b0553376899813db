using MudBlazor;

namespace LlmEval.Web.Shell;

/// <summary>
/// Palettes, type and measures. Green, red and amber mean verdict, health and warning, nothing else. Each theme writes its
/// variables for its own value of <c>data-theme</c> on the document.
/// </summary>
public static class Theme
{
    private static readonly string[] Sans = ["Inter", "system-ui", "sans-serif"];

    public static readonly MudTheme Light = Make(":root");

    public static readonly MudTheme Dark = Make(":root[data-theme=dark]");

    private static MudTheme Make(string scope) => new()
    {
        PseudoCss = new PseudoCss { Scope = scope },
        PaletteLight = LightPalette,
        PaletteDark = DarkPalette,
        Typography = Type,
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px", AppbarHeight = "52px", DrawerWidthLeft = "216px" },
    };

    private static PaletteLight LightPalette => new()
    {
        Primary = "#4F46E5",
        Secondary = "#0D9488",
        Tertiary = "#7C3AED",
        Info = "#0369A1",
        Success = "#15803D",
        Warning = "#B45309",
        Error = "#B91C1C",
        Background = "#F7F8FA",
        BackgroundGray = "#EEF0F4",
        Surface = "#FFFFFF",
        DrawerBackground = "#FFFFFF",
        DrawerText = "#3B4252",
        DrawerIcon = "#5B6475",
        AppbarBackground = "#FFFFFF",
        AppbarText = "#161B26",
        TextPrimary = "#161B26",
        TextSecondary = "#586174",
        ActionDefault = "#586174",
        Divider = "#E4E7EC",
        DividerLight = "#EEF0F4",
        LinesDefault = "#E4E7EC",
        LinesInputs = "#C9CED8",
        TableLines = "#EBEDF1",
        TableHover = "#F3F4F7",
    };

    private static PaletteDark DarkPalette => new()
    {
        Primary = "#818CF8",
        PrimaryContrastText = "#0B0E14",
        Secondary = "#2DD4BF",
        Tertiary = "#C084FC",
        Info = "#38BDF8",
        Success = "#4ADE80",
        SuccessContrastText = "#07130B",
        Warning = "#FBBF24",
        Error = "#F87171",
        ErrorContrastText = "#190707",
        Black = "#0B0E14",
        Background = "#0B0E14",
        BackgroundGray = "#10141C",
        Surface = "#131822",
        DrawerBackground = "#0E121A",
        DrawerText = "#A9B2C3",
        DrawerIcon = "#8B95A8",
        AppbarBackground = "#0E121A",
        AppbarText = "#E6E9F0",
        TextPrimary = "#E6E9F0",
        TextSecondary = "#98A2B5",
        TextDisabled = "#5E6778",
        ActionDefault = "#98A2B5",
        Divider = "#222937",
        DividerLight = "#1A202C",
        LinesDefault = "#222937",
        LinesInputs = "#333C4E",
        TableLines = "#1D2431",
        TableHover = "#181E2A",
    };

    // MudInput takes its font from Subtitle1: that one keeps the weight of text.
    private static Typography Type => new()
    {
        Default = new DefaultTypography { FontFamily = Sans, FontSize = ".875rem", LineHeight = "1.5", LetterSpacing = "normal" },
        H4 = new H4Typography { FontFamily = Sans, FontSize = "1.75rem", FontWeight = "650", LineHeight = "1.15", LetterSpacing = "-0.022em" },
        H5 = new H5Typography { FontFamily = Sans, FontSize = "1.25rem", FontWeight = "650", LineHeight = "1.3", LetterSpacing = "-0.016em" },
        H6 = new H6Typography { FontFamily = Sans, FontSize = "1rem", FontWeight = "600", LineHeight = "1.4", LetterSpacing = "-0.011em" },
        Subtitle1 = new Subtitle1Typography { FontFamily = Sans, FontSize = ".875rem", FontWeight = "400", LineHeight = "1.5", LetterSpacing = "normal" },
        Subtitle2 = new Subtitle2Typography { FontFamily = Sans, FontSize = ".8125rem", FontWeight = "600", LineHeight = "1.4", LetterSpacing = "normal" },
        Body1 = new Body1Typography { FontFamily = Sans, FontSize = ".875rem", LineHeight = "1.55", LetterSpacing = "normal" },
        Body2 = new Body2Typography { FontFamily = Sans, FontSize = ".8125rem", LineHeight = "1.5", LetterSpacing = "normal" },
        Caption = new CaptionTypography { FontFamily = Sans, FontSize = ".75rem", LineHeight = "1.4", LetterSpacing = "normal" },
        Button = new ButtonTypography { FontFamily = Sans, FontSize = ".8125rem", FontWeight = "600", LineHeight = "1.5", LetterSpacing = "normal", TextTransform = "none" },
    };
}
