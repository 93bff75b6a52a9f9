//! The part of the list that a page shows, and the links to other parts.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::{place::Place, search::Search};

/// The part of the list that the visitor looks at. Links and forms carry it, so the page also works without JavaScript.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    pub(crate) search: Search,
    /// Where the page begins. `None` means at the newest session.
    pub(crate) from: Option<Place>,
    /// Mark what has changed since this time, in milliseconds since 1970.
    pub(crate) since: Option<i64>,
}

/// The view as a query. A field that cannot be parsed counts as missing.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Query {
    search: String,
    from: String,
    since: String,
}

impl From<Query> for View {
    fn from(query: Query) -> Self {
        Self {
            search: Search::new(&query.search),
            from: Place::parse(&query.from),
            since: query.since.parse().ok(),
        }
    }
}

impl View {
    /// Returns the fields of a form or a link for this view.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, String)> + use<> {
        let search = (!self.search.is_empty()).then(|| self.search.text().to_owned());
        let fields = [
            ("search", search),
            ("from", self.from.map(|from| from.to_string())),
            ("since", self.since.map(|since| since.to_string())),
        ];
        let fields = fields.into_iter();
        fields.filter_map(|(name, value)| Some((name, value?)))
    }

    /// Returns the link to this view.
    pub(crate) fn link(&self) -> String {
        let fields = self.fields().map(|(name, value)| {
            let value = utf8_percent_encode(&value, NON_ALPHANUMERIC);
            format!("{name}={value}")
        });
        let fields: Vec<_> = fields.collect();
        if fields.is_empty() {
            "/".to_owned()
        } else {
            format!("/?{}", fields.join("&"))
        }
    }

    /// Returns the same view from another place on.
    pub(crate) fn at(&self, from: Option<Place>) -> Self {
        Self {
            from,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_same_view() {
        let view = View::from(Query {
            search: " a&b=ä\"> ".to_owned(),
            from: "-17-0000002a".to_owned(),
            since: "1767261600000".to_owned(),
        });
        assert_eq!(
            view.link(),
            "/?search=a%26b%3D%C3%A4%22%3E&from=%2D17%2D0000002a&since=1767261600000"
        );
        let invalid = View::from(Query {
            search: String::new(),
            from: "<b>-+".to_owned(),
            since: "yesterday".to_owned(),
        });
        assert_eq!(invalid.link(), "/");
    }
}
