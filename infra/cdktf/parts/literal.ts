/** Text for Terraform as it is: what looks like its templates (`${...}`, `%{...}`) is escaped, references are not. */
export function literal(text: string): string {
  return text.replace(/\$\{(?!TfToken\[)/g, '$$$${').replace(/%\{/g, '%%{');
}
