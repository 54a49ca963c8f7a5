/**
 * What stands around a picture: a constant; its edge; its mirror image without ('reflect') or with ('symmetric') the edge.
 * Source: torchvision's and numpy's pad.
 */
export type PaddingMode = (typeof paddingModes)[number];

/** All of them. */
export const paddingModes = ['constant', 'edge', 'reflect', 'symmetric'] as const;
