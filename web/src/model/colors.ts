// A service has the same colour everywhere and always: its name's hash picks one of 24 colours.
//
// Colours are made in OKLCH, where equal lightness looks equally light. Hues around red are left out (red
// means error and nothing else). Light and dark theme have their own lightness, so that a bar keeps a contrast of
// at least 3:1 to the page in both (the unit test holds them to it).

export type Theme = "light" | "dark";

const HUES = [58, 80, 104, 132, 160, 186, 210, 232, 252, 272, 294, 316, 338];
const LEVELS: Record<Theme, readonly [readonly [number, number], readonly [number, number]]> = {
  light: [
    [0.6, 0.125],
    [0.46, 0.105],
  ],
  dark: [
    [0.74, 0.115],
    [0.58, 0.115],
  ],
};

export const PAGE: Record<Theme, string> = { light: "#ffffff", dark: "#16191d" };
export const ERROR: Record<Theme, string> = { light: "#c8282d", dark: "#ff6b63" };

const palettes: Record<Theme, readonly string[]> = { light: make("light"), dark: make("dark") };

function make(theme: Theme): string[] {
  const colors: string[] = [];
  const [[l0, c0], [l1, c1]] = LEVELS[theme];
  for (const h of HUES) colors.push(oklch(l0, c0, h));
  // a dark yellow is mud, near to a dark orange and a dark green
  for (const h of HUES) if (h < 70 || h > 120) colors.push(oklch(l1, c1, h));
  return colors;
}

export const palette = (theme: Theme): readonly string[] => palettes[theme];

/** FNV-1a with a final mix: near-equal names fall far apart. */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export const colorIndex = (service: string): number => hash(service) % palettes.light.length;
export const serviceColor = (service: string, theme: Theme): string => palettes[theme][colorIndex(service)];

/** OKLCH to "#rrggbb"; chroma is lowered until the colour exists in sRGB. */
export function oklch(l: number, c: number, hue: number): string {
  for (; ; c -= 0.005) {
    const rgb = oklab(l, c * Math.cos((hue * Math.PI) / 180), c * Math.sin((hue * Math.PI) / 180));
    if (c <= 0 || rgb.every((x) => x >= -0.0005 && x <= 1.0005)) return "#" + rgb.map(channel).join("");
  }
}

function channel(x: number): string {
  const v = x <= 0.0031308 ? 12.92 * x : 1.055 * Math.max(x, 0) ** (1 / 2.4) - 0.055;
  return Math.round(Math.min(1, Math.max(0, v)) * 255)
    .toString(16)
    .padStart(2, "0");
}

/** OKLab to linear sRGB (the published matrices of the colour space). */
function oklab(l: number, a: number, b: number): number[] {
  const x = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const y = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const z = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z, -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z, -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z];
}

/** WCAG contrast of two "#rrggbb" colours. */
export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
}

function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const v = parseInt(color.slice(i, i + 2), 16) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
