import { Fn } from 'cdktf';

/** What stands for the reference while the text is rendered. */
const PLACE = '@@journal-volume@@';

/**
 * Cloud-init as a launch template takes it, base64. The text is full of what Terraform would take for its own templates
 * (shell variables), so it goes in as plain pieces around the one reference.
 */
export function userData(render: (journalVolumeId: string) => string, journalVolumeId: string): string {
  const pieces = render(PLACE)
    .split(PLACE)
    .flatMap((piece, index) =>
      index === 0 ? [Fn.rawString(piece)] : [journalVolumeId, Fn.rawString(piece)],
    );
  return Fn.base64encode(Fn.join('', pieces));
}
