//! The colours of instances. A colour means an instance, and nothing else.

/// A colour as CSS writes it, in two shades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// For light pages, and behind white text.
    pub dark: &'static str,
    /// For dark pages, and behind black text.
    pub bright: &'static str,
}

/// Blue, amber and purple. They differ for colour-blind people too. Each has a contrast of at least 4.5 with its text.
pub const PALETTE: [Colour; 3] = [
    Colour {
        dark: "#0067a5",
        bright: "#56b4e9",
    },
    Colour {
        dark: "#8f5b00",
        bright: "#e69f00",
    },
    Colour {
        dark: "#7a2fb8",
        bright: "#cc9cf0",
    },
];

/// Returns the index in the palette for `instance`. The number at the end of its name chooses it. Without a number, the
/// index is `otherwise`.
pub fn colour_index(instance: &str, otherwise: usize) -> usize {
    let number = instance
        .rsplit_once('-')
        .and_then(|(_, number)| number.parse().ok());
    number.map_or(otherwise, |number: usize| number.saturating_sub(1)) % PALETTE.len()
}
