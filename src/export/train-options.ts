/** Options that every train.py has: lines of Python, within a function whose `parser` takes them. */
export const COMMON_OPTIONS = `    parser.add_argument('--data', required=True, help='folder of class folders, of CIFAR or MNIST files, or an .npz file')
    parser.add_argument('--resume', action='store_true', help='go on from the checkpoint, if there is one')
    parser.add_argument('--epochs', type=int, default=10)
    parser.add_argument('--steps', type=int, help='steps of an epoch at most')
    parser.add_argument('--learning-rate', type=float, default=0.01)
    parser.add_argument('--momentum', type=float, default=0.9)
    parser.add_argument('--weight-decay', type=float, default=1e-4)
    parser.add_argument('--warmup', type=int, default=0, help='epochs in which the learning rate rises to where its cosine begins')
    parser.add_argument('--flip', action='store_true', help='pictures left to right, at random')
    parser.add_argument('--crop', type=int, default=0, help='pixels by which pictures are shifted at most, at random')
    parser.add_argument('--seed', type=int, default=1)`;
