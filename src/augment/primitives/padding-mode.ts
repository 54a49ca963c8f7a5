/**
 * What stands around a picture: a constant; its edge; its mirror image without ('reflect') or with ('symmetric') the edge.
 * Source: torchvision's and numpy's pad.
 */
export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric';

/** All of them. */
export const paddingModes: readonly PaddingMode[] = ['constant', 'edge', 'reflect', 'symmetric'];
