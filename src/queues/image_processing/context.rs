//! The context of a claim of `image_processing`: the pictures and removals that its messages name.

use std::collections::BTreeMap;

use serde::Deserialize;
use strum::EnumString;
use uuid::Uuid;

use crate::base::json;

/// The context of one claim.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Context {
    pub(crate) settings: Settings,
    /// The pictures that the messages name, as far as they exist.
    pub(crate) images: BTreeMap<Uuid, ClaimedImage>,
    /// The removals that the messages name: paths by bucket.
    pub(crate) removals: BTreeMap<Uuid, BTreeMap<String, Vec<String>>>,
}

/// From `queues.image_settings`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Settings {
    /// Where variants are published. `None` in a context without pictures.
    #[serde(default)]
    pub(crate) images_bucket: String,
    /// Whether owners may see where a picture was taken.
    #[serde(default)]
    pub(crate) keeps_location: bool,
    /// Whether owners may see the serial number of the camera.
    #[serde(default)]
    pub(crate) keeps_serial_number: bool,
    /// Whether HEIC is processed.
    #[serde(default)]
    pub(crate) reads_heic: bool,
}

/// A picture as it was when its message was claimed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ClaimedImage {
    /// Counts the uploads to the same place.
    pub(crate) revision: u32,
    /// What became of this revision.
    pub(crate) status: Status,
    /// Who uploaded it.
    pub(crate) owner_id: Uuid,
    /// The post that it belongs to.
    pub(crate) post_id: Uuid,
    /// Where the upload is.
    pub(crate) bucket: String,
    pub(crate) path: String,
    /// The size of the upload, if known.
    pub(crate) size_bytes: Option<u64>,
    /// Whether Storage has the upload, if known.
    pub(crate) is_stored: Option<bool>,
}

/// The status of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Status {
    /// To be processed.
    Pending,
    /// Processed, but held back until somebody has looked at it.
    Held,
    /// Published.
    Ready,
    /// It cannot be published.
    Failed,
}

json::read_by_name!(Status: "the status of a picture");
