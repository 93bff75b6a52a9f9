//! Writes a record as JSON.

use std::io::{self, Write};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::Record;

impl Record {
    /// Appends to `json` what `serde_json` would write, for a third of the instructions: names, IDs and times contain
    /// nothing to escape.
    pub(crate) fn write(&self, json: &mut Vec<u8>) -> io::Result<()> {
        write!(json, r#"{{"Version":{}"#, self.version)?;
        write_id(json, br#","ID":""#, self.id);
        if let Some(previous) = self.previous_id {
            write_id(json, br#","PreviousID":""#, previous);
        }
        if let Some(user) = &self.user {
            json.extend_from_slice(br#","User":"#);
            serde_json::to_writer(&mut *json, user)?;
        }
        if let Some(handle) = &self.handle {
            json.extend_from_slice(br#","Handle":"#);
            serde_json::to_writer(&mut *json, handle)?;
        }
        json.extend_from_slice(br#","Data":{"#);
        for (index, (name, value)) in self.data.iter().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            serde_json::to_writer(&mut *json, name)?;
            json.push(b':');
            json.extend_from_slice(value.get().as_bytes());
        }
        json.push(b'}');
        write_time(json, br#","CreatedAt":""#, self.created_at)?;
        write_time(json, br#","UpdatedAt":""#, self.updated_at)?;
        write_time(json, br#","RotatedAt":""#, self.rotated_at)?;
        if let Some(end) = self.expires_at {
            write_time(json, br#","ExpiresAt":""#, end)?;
        }
        json.push(b'}');
        Ok(())
    }
}

fn write_id(json: &mut Vec<u8>, name: &[u8], id: Uuid) {
    let mut buffer = Uuid::encode_buffer();
    json.extend_from_slice(name);
    json.extend_from_slice(id.hyphenated().encode_lower(&mut buffer).as_bytes());
    json.push(b'"');
}

fn write_time(json: &mut Vec<u8>, name: &[u8], time: OffsetDateTime) -> io::Result<()> {
    json.extend_from_slice(name);
    time.format_into(json, &Rfc3339).map_err(io::Error::other)?;
    json.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::value::to_raw_value;

    use super::*;
    use crate::{Timeouts, record};

    #[test]
    fn a_record_is_written_as_serde_would_write_it() {
        let timeouts = [Timeouts::NEVER, Timeouts::default()];
        for (user, timeouts) in [None, Some("al\"ice\n")].into_iter().zip(timeouts) {
            let mut record = Record::begin(user.map(str::to_owned), record::now(), &timeouts);
            for entries in 0..3_u8 {
                assert_eq!(encoded(&record), serde_json::to_string(&record).unwrap());
                let name = format!("entry \"{entries}\"");
                record
                    .data
                    .insert(name, to_raw_value(&["é", "\t"]).unwrap());
                record.version = record.version * 10 + 7;
                record.previous_id = Some(record.id);
                record.updated_at += Duration::from_nanos(1_234_567);
            }
        }
    }

    fn encoded(record: &Record) -> String {
        String::from_utf8(record.encode().unwrap()).unwrap()
    }
}
