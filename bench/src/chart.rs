//! The picture of the results: a bar for each server.

use std::{fs, path::Path};

use anyhow::{Result, anyhow};
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use crate::{run::Results, server::Family, stats::Spread};

const SIZE: (u32, u32) = (880, 560);
/// The height of a bar, in rows.
const BAR: f64 = 0.62;

/// Lets the picture follow the reader's theme. These rules override the colours of the shapes.
const STYLE: &str = "<style>\
    text{font-family:system-ui,sans-serif;fill:#1f2328}\
    rect.ground{fill:#ffffff}\
    @media(prefers-color-scheme:dark){text{fill:#e6edf3}rect.ground{fill:#0d1117}}\
    </style><rect class=\"ground\" width=\"100%\" height=\"100%\"/>";

/// Readable on a light and on a dark ground.
const GREY: RGBColor = RGBColor(0x80, 0x88, 0x90);

impl Family {
    fn colour(self) -> RGBColor {
        match self {
            Self::Baseline => RGBColor(0x9a, 0xa4, 0xae),
            Self::Ours => RGBColor(0x2f, 0x81, 0xc7),
            Self::Peer => RGBColor(0xd0, 0x7a, 0x2a),
        }
    }
}

/// Draws the CPU time for a request of every server, and its spread.
pub(crate) fn draw(results: &Results, file: &Path) -> Result<()> {
    let mut picture = String::new();
    draw_bars(results, &mut picture).map_err(|error| anyhow!("cannot draw the chart: {error}"))?;
    let (head, rest) = picture.split_at(picture.find("<svg").unwrap_or_default());
    let (tag, shapes) = rest.split_at(rest.find('>').map_or(0, |at| at + 1));
    fs::write(file, format!("{head}{tag}{STYLE}{shapes}"))?;
    Ok(())
}

fn draw_bars(results: &Results, picture: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let bars: Vec<_> = results
        .changes
        .iter()
        .map(|(subject, samples)| (subject, Spread::of(samples.iter().map(|it| it.cpu))))
        .collect();
    let names: Vec<_> = bars
        .iter()
        .map(|(subject, _)| subject.name.replace('`', ""))
        .collect();
    let rows = f64::from(u32::try_from(bars.len())?);
    // A store that waits for the disk would leave no room for the differences between the others.
    let middle = Spread::of(bars.iter().map(|(_, cpu)| cpu.median)).median;
    let longest = bars.iter().map(|(_, cpu)| cpu.max).fold(0.0, f64::max);
    let longest = longest.min(3.0 * middle);

    let area = SVGBackend::with_string(picture, SIZE).into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .caption(
            "CPU time of the server for a request that counts a visit",
            ("sans-serif", 17),
        )
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(270)
        .build_cartesian_2d(0.0..longest * 1.08, rows..0.0)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GREY.mix(0.35))
        .axis_style(GREY)
        .x_desc("µs; lines end at the smallest and the largest value; the longest bars are cut off")
        .x_label_formatter(&|micros| format!("{micros:.0}"))
        .label_style(("sans-serif", 13))
        .draw()?;
    let style = ("sans-serif", 13).into_text_style(&area);
    let right = style.pos(Pos::new(HPos::Right, VPos::Center));
    let left = style.pos(Pos::new(HPos::Left, VPos::Center));
    let mut middle = 0.5;
    for ((subject, cpu), name) in bars.iter().zip(&names) {
        let [min, median, max] = [cpu.min, cpu.median, cpu.max].map(|it| it.min(longest));
        let corners = [(0.0, middle - BAR / 2.0), (median, middle + BAR / 2.0)];
        let bar = Rectangle::new(corners, subject.family.colour().filled());
        chart.draw_series([bar])?;
        let spread = PathElement::new([(min, middle), (max, middle)], GREY.stroke_width(3));
        chart.draw_series([spread])?;
        let (x, y) = chart.backend_coord(&(0.0, middle));
        area.draw_text(name, &right, (x - 8, y))?;
        let (x, y) = chart.backend_coord(&(max, middle));
        area.draw_text(&format!("{:.0}", cpu.median), &left, (x + 6, y))?;
        middle += 1.0;
    }
    area.present()?;
    drop(chart);
    Ok(())
}
