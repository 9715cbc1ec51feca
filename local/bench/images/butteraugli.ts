/** The program that tells how far a picture is from another as people see it. It is libjxl's, under its BSD licence. */
import { fromDebian } from "../../tools/debian.ts";

/** With its libraries, which are not everywhere. */
const packages = [
  "libjxl-devtools",
  ...["libhwy1", "libtcmalloc-minimal4", "libopenexr-3-1-30", "libimath-3-1-29", "liblcms2-2", "libbrotli1"],
  ...["libjpeg62-turbo", "libpng16-16"],
];

export function butteraugli(): Promise<{ home?: string; problem?: string }> {
  return fromDebian("butteraugli-of-debian-1", packages, async (files, path) => await Deno.rename(files, path));
}
