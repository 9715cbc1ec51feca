/* tslint:disable */
/* eslint-disable */

/** What is asked for; nothing by default. */
export interface Options {
    /** Where the picture was taken. */
    readonly location?: boolean;
    /** The serial number of the camera. */
    readonly serial_number?: boolean;
    /** Whether HEIC is read. */
    readonly heic?: boolean;
}

/** A file to publish. */
export interface Variant {
    name: "original" | "medium" | "thumbnail";
    type: "image/jpeg" | "image/png";
    width: number;
    height: number;
    bytes: Uint8Array;
}

/** How the picture was taken, as far as the camera says. */
export interface Exif {
    make?: string;
    model?: string;
    lens?: string;
    exposure_secs?: number;
    f_number?: number;
    iso?: number;
    focal_length_mm?: number;
    /** ISO 8601, without an offset if the camera knew none. */
    taken_at?: string;
    location?: { latitude: number; longitude: number };
    serial_number?: string;
}

export interface Processed {
    status: "processed";
    format: "jpeg" | "png" | "webp" | "gif" | "heic";
    /** Of the upload, upright. */
    width: number;
    height: number;
    /** The most frequent color, as `#rrggbb`. */
    color: string;
    thumbhash: Uint8Array;
    exif: Exif;
    variants: Variant[];
}

/** The upload cannot have variants, now or later. */
export interface Refused {
    status: "refused";
    code:
    | "empty"
    | "too_many_bytes"
    | "too_many_pixels"
    | "too_much_memory"
    | "unsupported_format"
    | "unsupported_color"
    | "truncated"
    | "corrupt"
    | "not_encoded";
    error: string;
}

/** The package `heic` processes it. That one never answers this. */
export interface Heic {
    status: "heic";
}

export type Answer = Processed | Refused | Heic;



/**
 * The bytes of memory that this module holds. It never gives any back.
 */
export function memoryBytes(): number;

/**
 * Processes an upload. A trap (`WebAssembly.RuntimeError`) means that it took more memory than there is, or met a
 * fault of a decoder: the module cannot be used again then, and the upload is at fault.
 *
 * # Errors
 * Throws an `Error` if the options are not as described.
 */
export function process(upload: Uint8Array | number[], options?: Options | null): Answer;
