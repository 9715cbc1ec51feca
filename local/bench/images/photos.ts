/** The photographs, from packages of fixed versions. They are kept in the cache. */
import { fromDebian } from "../../tools/debian.ts";
import { pillowHeifPictures } from "../../tools/pillow_heif.ts";

/** Of this machine: the paths of photographs, or why it cannot have them. */
export type Photos = { files: string[]; problem?: undefined } | { problem: string };

/** Of 12 and 13 megapixels, progressive; 20 megapixels; 24 with EXIF and a profile, without subsampling. */
export async function wallpapers(): Promise<Photos> {
  const packages = ["lomiri-wallpapers-16.04=20.04.0-2", "lomiri-wallpapers-20.04=20.04.0-2"];
  const names = [
    "sunset_by_Aitzol_Berasategi.jpg",
    "Dragonfly_by_Bolly.jpg",
    "Kleiber_by_Lukas_Baubkus.jpg",
    "Painting-Colors_by__herobrine7gamer.jpg",
  ];
  return within(await ofDebian("wallpapers-20.04.0-2", packages, "usr/share/backgrounds"), names);
}

/** One picture of 3.4 megapixels with every subsampling that libjxl is tested with, also in grey and as RGB. */
export async function subsamplings(): Promise<Photos> {
  const version = "0.0~git20230110.d6168ff-1";
  const flowers = "usr/share/libjxl-testdata/jxl/flower";
  const ways = ["444", "422", "420", "440", "444_1x2", "asymmetric", "luma_subsample", "gray", "420_progr", "420_R13B"];
  const names = [...ways, "rgb", "rgb_subsample_blue"].map((way) => `flower.png.im_q85_${way}.jpg`);
  return within(await ofDebian(`libjxl-testdata-${version}`, [`libjxl-testdata=${version}`], flowers), names);
}

/** HEIC: of an iPhone 13, an iPhone 8, a phone of Xiaomi and a Galaxy S25. */
export async function phones(): Promise<Photos> {
  const names = ["heif_other/pug.heic", "heif_other/arrow.heic", "heif_special/xiaomi.heic"];
  return within(await pillowHeifPictures(), [...names, "heif_special/aux_YCbCr.heic"]);
}

function ofDebian(name: string, packages: string[], folder: string): Promise<{ home?: string; problem?: string }> {
  return fromDebian(name, packages, async (files, path) => await Deno.rename(`${files}/${folder}`, path));
}

function within({ home, problem }: { home?: string; problem?: string }, names: string[]): Photos {
  return problem ? { problem } : { files: names.map((name) => `${home}/${name}`) };
}
