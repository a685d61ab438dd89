/** Model names: `[scheme://][host/][namespace/]model[:tag]`. */

export interface ModelName {
  host: string;
  namespace: string;
  model: string;
  tag: string;
}
