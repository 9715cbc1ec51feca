//! HEIC files, whose coded pictures of one color x265 has made once: nothing in Rust writes them.

/// The parameter sets of the pictures in color and of those in grey, in the configuration of a track.
const COLOR: &str = "0103700000009000000000001ef000fcfdf8f800000f03600001001840010c01ffff0370000003009000000300000300\
    1eba0240610001002b42010103700000030090000003000003001ea020810596ea4929ae6e021a0c0800000300c80000030008406200010007\
    4401c172b02240";
const GREY: &str = "0104080000009ff8000000001ef000fcfcf8f800000f03600001001740010c01ffff0408000003009ff800000300001eba02\
    4061000100264201010408000003009ff800000300001ec08204165ba924a6b9b0200000030320000003002162000100074401c172b02240";
pub(crate) const RED_TILE: &str = "2801af04f8413269dbffc587fffffaa46f65fdaaa1a4f471836fc0";
pub(crate) const GREEN_TILE: &str = "2801af04f8413269dbfec8ffffff3151ffffc9ee293d1c60dbf0";
pub(crate) const BLUE_TILE: &str = "2801af04f8413269dbffda57ff91fe4d0c7fff44d893d1c60dbf";
pub(crate) const WHITE_TILE: &str = "2801af04f841aecc95b4fed49813b7b3552f80";
/// Half of the light, or of the opacity.
pub(crate) const HALF_TILE: &str = "2801ae09f06800f76e70";
/// The pixels of a tile to each side.
pub(crate) const SIDE: u32 = 64;

/// What a file is made of.
#[derive(Clone)]
pub(crate) struct Heic<'a> {
    /// The tiles, row by row.
    pub(crate) tiles: &'a [&'a str],
    pub(crate) columns: u8,
    /// The size of the whole.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Other properties of the whole.
    pub(crate) properties: Vec<Vec<u8>>,
    /// The same for each tile.
    pub(crate) opacity: Option<&'a str>,
    /// TIFF.
    pub(crate) exif: Option<&'a [u8]>,
    /// How often a tile holds its slice.
    pub(crate) slices: usize,
}

impl Default for Heic<'_> {
    /// Red and green above, blue and white below.
    fn default() -> Self {
        Self {
            tiles: &[RED_TILE, GREEN_TILE, BLUE_TILE, WHITE_TILE],
            columns: 2,
            width: 2 * SIDE,
            height: 2 * SIDE,
            properties: Vec::new(),
            opacity: None,
            exif: None,
            slices: 1,
        }
    }
}

pub(crate) fn irot(quarters: u8) -> Vec<u8> {
    boxed(b"irot", &[&[quarters]])
}

pub(crate) fn imir(axis: u8) -> Vec<u8> {
    boxed(b"imir", &[&[axis]])
}

/// The middle.
pub(crate) fn clap(width: u32, height: u32) -> Vec<u8> {
    let words = [width, 1, height, 1, 0, 1, 0, 1].map(u32::to_be_bytes);
    boxed(b"clap", &[words.as_flattened()])
}

pub(crate) fn nclx(primaries: u16, transfer: u16, matrix: u16, is_full: bool) -> Vec<u8> {
    let codes = [primaries, transfer, matrix].map(u16::to_be_bytes);
    let range = if is_full { 0x80 } else { 0 };
    boxed(b"colr", &[b"nclx", codes.as_flattened(), &[range]])
}

pub(crate) fn icc(profile: &[u8]) -> Vec<u8> {
    boxed(b"colr", &[b"prof", profile])
}

fn boxed(name: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let size = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    [&(size as u32).to_be_bytes()[..], name, &parts.concat()].concat()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits
        .chunks(2)
        .map(|pair| (pair[0] << 4 | pair[1]) as u8)
        .collect()
}

const MAIN: u16 = 1;
const OPACITY: u16 = 2;
const EXIF: u16 = 3;
const TILES: u16 = 10;
const OPACITY_TILES: u16 = 1_000;

struct Item {
    id: u16,
    kind: &'static [u8; 4],
    data: Vec<u8>,
    properties: Vec<Vec<u8>>,
    references: Vec<(&'static [u8; 4], Vec<u16>)>,
}

impl Heic<'_> {
    pub(crate) fn file(&self) -> Vec<u8> {
        let items = self.items();
        let start = boxed(b"ftyp", &[b"heic\0\0\0\0mif1heic"]);
        // Places have the same size wherever they are.
        let behind = start.len() + meta(&items, 0).len() + 8;
        let data: Vec<_> = items.iter().map(|item| item.data.as_slice()).collect();
        [start, meta(&items, behind as u32), boxed(b"mdat", &data)].concat()
    }

    fn items(&self) -> Vec<Item> {
        let mut items = self.grid(MAIN, TILES, self.tiles, COLOR);
        items[0].properties.extend(self.properties.clone());
        if let Some(tile) = self.opacity {
            let tiles = vec![tile; self.tiles.len()];
            let mut opacity = self.grid(OPACITY, OPACITY_TILES, &tiles, GREY);
            let kind = b"\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0";
            opacity[0].properties.push(boxed(b"auxC", &[kind]));
            opacity[0].references.push((b"auxl", vec![MAIN]));
            items.extend(opacity);
        }
        if let Some(exif) = self.exif {
            items.push(Item {
                id: EXIF,
                kind: b"Exif",
                data: [&[0; 4], exif].concat(),
                properties: Vec::new(),
                references: vec![(b"cdsc", vec![MAIN])],
            });
        }
        items
    }

    fn grid(&self, id: u16, first: u16, tiles: &[&str], configuration: &str) -> Vec<Item> {
        let size = |width: u32, height: u32| {
            let sides = [0, width, height].map(u32::to_be_bytes);
            boxed(b"ispe", &[sides.as_flattened()])
        };
        let rows = tiles.len() / usize::from(self.columns);
        let sides = [self.width, self.height].map(u32::to_be_bytes);
        let ids: Vec<_> = (first..).take(tiles.len()).collect();
        let whole = Item {
            id,
            kind: b"grid",
            data: [
                &[0, 1, (rows - 1) as u8, self.columns - 1],
                sides.as_flattened(),
            ]
            .concat(),
            properties: vec![size(self.width, self.height)],
            references: vec![(b"dimg", ids.clone())],
        };
        let tiles = ids.into_iter().zip(tiles).map(|(id, tile)| {
            let slice = bytes(tile);
            let slice = [&(slice.len() as u32).to_be_bytes()[..], &slice].concat();
            Item {
                id,
                kind: b"hvc1",
                data: slice.repeat(self.slices),
                properties: vec![size(SIDE, SIDE), boxed(b"hvcC", &[&bytes(configuration)])],
                references: Vec::new(),
            }
        });
        [whole].into_iter().chain(tiles).collect()
    }
}

fn meta(items: &[Item], mut at: u32) -> Vec<u8> {
    let count = (items.len() as u16).to_be_bytes();
    let mut infos = Vec::new();
    let mut references = Vec::new();
    let mut properties = Vec::new();
    let mut associations = Vec::new();
    let mut places = Vec::new();
    let mut number = 0_u8;
    let mut known: Vec<(Vec<u8>, u8)> = Vec::new();
    for item in items {
        let id = item.id.to_be_bytes();
        let is_hidden = u8::from(item.kind == b"hvc1");
        infos.extend(boxed(
            b"infe",
            &[&[2, 0, 0, is_hidden], &id, &[0, 0], item.kind, &[0]],
        ));
        for (kind, to) in &item.references {
            let to: Vec<_> = to.iter().flat_map(|to| to.to_be_bytes()).collect();
            let count = ((to.len() / 2) as u16).to_be_bytes();
            references.extend(boxed(kind, &[&id, &count, &to]));
        }
        let numbers = item.properties.iter().map(|property| {
            match known.iter().find(|(known, _)| known == property) {
                Some((_, number)) => *number,
                None => {
                    number += 1;
                    properties.extend_from_slice(property);
                    known.push((property.clone(), number));
                    number
                }
            }
        });
        let numbers: Vec<_> = numbers.collect();
        associations.extend(id);
        associations.push(numbers.len() as u8);
        associations.extend(numbers);
        let length = item.data.len() as u32;
        places.extend(
            [
                &id[..],
                &[0, 0, 0, 1],
                &at.to_be_bytes(),
                &length.to_be_bytes(),
            ]
            .concat(),
        );
        at += length;
    }
    let properties = boxed(b"ipco", &[&properties]);
    let words = [0, items.len() as u32].map(u32::to_be_bytes);
    let associations = boxed(b"ipma", &[words.as_flattened(), &associations]);
    boxed(
        b"meta",
        &[
            &[0; 4],
            &boxed(b"hdlr", &[&[0; 8], b"pict", &[0; 13]]),
            &boxed(b"pitm", &[&[0; 4], &MAIN.to_be_bytes()]),
            &boxed(b"iinf", &[&[0; 4], &count, &infos]),
            &boxed(b"iref", &[&[0; 4], &references]),
            &boxed(b"iprp", &[&properties, &associations]),
            &boxed(b"iloc", &[&[0, 0, 0, 0, 0x44, 0], &count, &places]),
        ],
    )
}
