/** To the clipboard. Pages that came over plain HTTP from elsewhere than this machine have no clipboard, only the older way. */

/** Whether it is there. */
export async function copied(text: string): Promise<boolean> {
  const { clipboard } = navigator as Partial<Navigator>;
  if (clipboard !== undefined) {
    try {
      await clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'hidden-visually';
  document.body.append(area);
  area.select();
  const older: { execCommand(command: string): boolean } = document;
  const isCopied = older.execCommand('copy');
  area.remove();
  return isCopied;
}
