import { Command } from 'commander';
import { textTable } from '../../inspect/text-table.js';
import { listModels } from '../../zoo/catalog.js';
import type { ModelInfo, VariantInfo } from '../../zoo/model-info.js';
import { jsonOption } from '../options.js';
import { Output } from '../output.js';

export function modelsCommand(): Command {
  return new Command('models')
    .description('the nets there are: variants, parameters, multiply-accumulates, published accuracy, papers')
    .addOption(jsonOption())
    .action(({ json }: { json?: boolean }) => {
      const models = listModels();
      const output = new Output(json === true);
      for (const line of table(models)) output.say(line);
      output.result({ models });
    });
}

/** A line a variant, the papers below. */
function table(models: readonly ModelInfo[]): string[] {
  const rows = models.flatMap((model) => model.variants.map((variant, i) => cells(model, variant, i === 0)));
  const numbers = ['classes', 'parameters', 'GMACs', 'top-1'];
  const lines = textTable([['net', 'variant', 'input', ...numbers, 'of'], ...rows], numbers);
  const papers = [...new Set(models.map(({ paper }) => paper))].map((paper) => {
    const nets = models.filter((model) => model.paper === paper).map(({ name }) => name);
    return `  ${paper}: ${nets.join(', ')}`;
  });
  return [...lines, '', 'Published in', ...papers];
}

function cells({ name, inputShape, classes }: ModelInfo, variant: VariantInfo, first: boolean): string[] {
  const { parameters, macs, top1 } = variant;
  return [
    first ? name : '',
    variant.variant,
    first || variant.inputShape ? (variant.inputShape ?? inputShape).join(' x ') : '',
    first ? String(classes) : '',
    parameters.toLocaleString('en-US'),
    (macs / 1e9).toFixed(macs < 1e8 ? 4 : 3),
    top1 ? `${top1.percent} %` : '',
    top1 ? `${top1.dataset}, ${top1.source}` : '',
  ];
}
